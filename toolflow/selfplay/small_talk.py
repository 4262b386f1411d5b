"""Chit-chat of the selfplay cast: what a user says that needs no tool, and a fitting reply."""

OPENERS = (
    ("Hi there! How are you today?", "Hello! I'm doing well, thank you. What can I help you with?"),
    ("Hello, hope your day is going well.", "Thank you, it is! How can I help you today?"),
    ("Hey, I have a few things to sort out today.", "Happy to help. Where would you like to start?"),
    (
        "Good morning! I finally have some time to get organised.",
        "Good morning! Let's make the most of it. What's first?",
    ),
    ("Hi, are you able to help me with a couple of things?", "Of course. Just tell me what you need."),
    ("Phew, it has been a long week.", "I hear you. Let me take a few things off your list. What do you need?"),
)
"""The first words of a dialogue and the reply."""

MEANWHILE = (
    ("Give me a second to write that down.", "Of course, take your time."),
    (
        "I had a terrible connection earlier, but it's fine now.",
        "Good that it's working again. We can carry on whenever you like.",
    ),
    (
        "Honestly, I'd be lost without a bit of help today.",
        "I'm happy to help. We'll go through it one thing at a time.",
    ),
    ("It's been a busy day, but we're getting there.", "We are. One thing at a time."),
    (
        "By the way, do you ever get tired of all these questions?",
        "Not at all, I enjoy being useful. What's next on your list?",
    ),
    ("I'm making a coffee, then we can go on.", "Enjoy it! I'll be right here."),
    ("Okay, no harm in asking.", "None at all. What else is on your mind?"),
    ("Fair enough, at least I know now.", "I wish it were otherwise. Tell me what else I can do."),
)
"""What is said later, whatever came of it, and the reply."""

AFTERWARDS = (
    ("Thanks, that helps a lot.", "You're very welcome. Is there anything else on your mind?"),
    ("Wonderful, you just saved me a lot of time.", "I'm glad to hear it! That's what I'm here for."),
    ("Nice. I was worried this would be complicated.", "No trouble at all. Tell me if you need anything else."),
    ("I really should have done this last week.", "It happens to all of us, and now it's taken care of."),
    ("My partner will be so happy about this.", "That's lovely to hear. I hope it all works out well."),
    ("I always forget how quick this can be.", "Glad it was quick! I'm here whenever you need me."),
    ("That's good news, I was a bit nervous about it.", "I understand. I'm happy it went smoothly."),
    ("Great, I'll tell the others later.", "Sounds good. They'll be glad to know."),
    ("You explain things clearly, I appreciate that.", "Thank you, that's kind of you to say."),
    ("Okay, that's one thing off my list.", "One down! Let me know what comes next."),
    *MEANWHILE[:-2],
)
"""What is said after something went well, and the reply."""
