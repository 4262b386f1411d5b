"""The languages a talk may be in, by the tags that name them: ISO 639-1, with a region where it matters (BCP 47)."""

import re
from typing import Annotated

from pydantic import AfterValidator

NAMES = {
    "af": "Afrikaans", "am": "Amharic", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian",
    "bn": "Bengali", "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "ha": "Hausa",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "ig": "Igbo", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
    "km": "Khmer", "kn": "Kannada", "ko": "Korean", "ky": "Kyrgyz", "lo": "Lao", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "ml": "Malayalam", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay",
    "mt": "Maltese", "my": "Burmese", "nb": "Norwegian", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "si": "Sinhala", "sk": "Slovak", "sl": "Slovenian", "so": "Somali", "sq": "Albanian", "sr": "Serbian",
    "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "xh": "Xhosa", "yo": "Yoruba",
    "zh": "Chinese", "zu": "Zulu",
}  # fmt: skip
ENGLISH = "en"
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese letters, which are written without spaces between words."""
WORD = rf"[^\W{_UNSPACED}]+|[{_UNSPACED}]"
"""Regular expression of a word: a run of letters and digits, or a single letter where no spaces part the words."""
_TAG = re.compile(r"([a-z]{2})(?:-(?:[A-Z]{2}|[A-Z][a-z]{3}))?")
"""A language, perhaps with a region (``pt-BR``) or a script (``zh-Hant``)."""


def _known(tag: str) -> str:
    match = _TAG.fullmatch(tag)
    if match is None or match[1] not in NAMES:
        raise ValueError("is no language known here; tags are such as en, de, pt-BR or zh-Hant")
    return tag


Language = Annotated[str, AfterValidator(_known)]
"""The tag of a language."""


def is_english(tag: str) -> bool:
    """Of whatever region."""
    return tag.partition("-")[0] == ENGLISH


def name_of(tag: str) -> str:
    """For a reader, such as a model: ``German``, ``Portuguese (pt-BR)``."""
    base = NAMES[tag.partition("-")[0]]
    return base if "-" not in tag else f"{base} ({tag})"
