"""Text of strangers as people and models take it: what hides words from a pattern is undone."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

# Latin letters, and below each the Cyrillic, Greek, Armenian or phonetic letter that is written like it (Unicode TR39).
_TWINS = (
    (
        "aaabbccdeeegghhi",
        "\u0430\u0251\u03b1\u042c\u0299\u0441\u03f2\u0501\u0435\u03b5\u04bd\u0261\u0262\u04bb\u029c\u0456",
    ),
    (
        "iiijjkkllmmnnnoo",
        "\u0131\u03b9\u026a\u0458\u03f3\u043a\u03ba\u04cf\u029f\u043c\u1d0d\u043f\u03b7\u0274\u043e\u03bf",
    ),
    (
        "ooppqrrssttuuvvw",
        "\u03c3\u0585\u0440\u03c1\u051b\u0433\u0280\u0455\ua731\u0442\u03c4\u03c5\u057d\u03bd\u0475\u051d",
    ),
    (
        "wxxyyyzAABBCCEEH",
        "\u0461\u0445\u03c7\u0443\u03b3\u028f\u1d22\u0410\u0391\u0412\u0392\u0421\u03f9\u0415\u0395\u041d",
    ),
    (
        "HIIIJKKMMNOOPPST",
        "\u0397\u0406\u0399\u04c0\u0408\u041a\u039a\u041c\u039c\u039d\u041e\u039f\u0420\u03a1\u0405\u0422",
    ),
    ("TXXYYZ", "\u03a4\u0425\u03a7\u0423\u03a5\u0396"),
)
_PLAIN = str.maketrans(
    {twin: letter for row in _TWINS for letter, twin in zip(*row, strict=True)}
    | {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x3002: ".", 0x2024: "."}
)
# Letters by their category, and blank all the same.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
_SHAPING = frozenset("\u200c\u200d")  # they shape emoji, Indic scripts and Persian
_ESCAPES = 3  # an escape of an escape of an escape is still undone
_LEET = str.maketrans("013457@$", "oieastas")
_LEET_WORD = re.compile(r"\b(?=\w*[^\W\d_])(?=\w*[0134578])\w{4,}\b|\w[@$]+\w")


def unescaped(text: str) -> str:
    """Return `text` with character references (`&lt;`, `&amp;lt;`, `&#64;`) undone."""
    for _ in range(_ESCAPES):
        if "&" not in text:
            break
        text = html.unescape(text)
    return text


@lru_cache(maxsize=8192)
def plain_forms(text: str) -> str:
    """Return `text` with full-width and other forms of a letter as the letter, and nothing invisible in it."""
    text = unescaped(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join(character for character in text if not is_hidden(character) and character not in _SHAPING)


def folded(text: str) -> str:
    """Return `text` on one line, its look-alike letters replaced by the Latin ones they imitate, quotes straight."""
    text = plain_forms(text)
    return " ".join((text if text.isascii() else text.translate(_PLAIN)).split())


def without_leet(text: str) -> str:
    """Return `text` with `1gn0r3` as `ignore`; the length stays, and text without such words stays the same."""
    return text.translate(_LEET) if _LEET_WORD.search(text) else text


def is_hidden(character: str) -> bool:
    """Whether a character is never seen: format and tag characters, variation selectors, blank letters.

    Joiners that shape emoji and scripts are no trick by themselves.
    """
    if character.isascii() or character in _SHAPING:
        return False
    selector = 0xFE00 <= ord(character) <= 0xFE0E or 0xE0100 <= ord(character) <= 0xE01EF  # noqa: PLR2004 - Unicode's blocks; U+FE0F makes emoji
    return selector or character in _BLANK or unicodedata.category(character) == "Cf"
