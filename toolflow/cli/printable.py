"""Text from files and models, made safe for a terminal, and for a file."""


def printable(text: str) -> str:
    """The text on one line, with every control, formatting and lone surrogate character as its escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def encodable(text: str) -> str:
    """The text with a question mark for every lone surrogate, which UTF-8 cannot write."""
    return text.encode(errors="replace").decode()
