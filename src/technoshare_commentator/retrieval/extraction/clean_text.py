"""Text without what is not text: control and zero-width characters, emoji, odd spaces, TeX residue."""

from __future__ import annotations

import re
import unicodedata

from technoshare_commentator.retrieval.extraction.latex import readable_tex

_SPACE = re.compile(r"\s+")
# Pictographs, dingbats that serve as bullets, regional flags and skin tones. Arrows and technical signs stay.
_EMOJI = re.compile(
    "[\u2600-\u26ff\u2700-\u2712\u2714-\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f000-\U0001f0ff\U0001f1e6-\U0001f1ff"
    "\U0001f300-\U0001faff]+"
)
_SPACE_BEFORE_STOP = re.compile(r"(?<=\w) +(?=[,;.!?](?:\s|$))")
_ANCHOR = re.compile(r"(?:\s*(?:\[\[[\w-]+\]\]|\{#[\w-]+\}|¶)|\s+[#§]+)+$")
# Cc control, Cf format (zero width, soft hyphen, direction, tags), Co private use (icon fonts), Cs lone surrogates,
# Cn unassigned: none of them is text, and some carry instructions that people cannot see.
_NOT_TEXT = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
# Variation selectors, and the mark that stands for bytes nobody could read.
_NOT_SEEN = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0xFFFD))


def tidy(text: str) -> str:
    """Return `text` on one line in Unicode form NFC, with nothing in it that a reader would not see as text."""
    visible = visible_text(text)
    without_emoji = _EMOJI.sub(" ", visible)
    folded = _SPACE.sub(" ", readable_tex(without_emoji)).strip()
    if without_emoji != visible:
        folded = _SPACE_BEFORE_STOP.sub("", folded)
    return unicodedata.normalize("NFC", folded)


def tidy_heading(text: str) -> str:
    """Return a heading or title without the anchors that documentation builders hang on it."""
    return _ANCHOR.sub("", tidy(text)).strip()


def visible_text(text: str) -> str:
    """Return `text` without invisible characters; line breaks and tabs stay, every other space becomes a plain one."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_seen(character) for character in text)


def _seen(character: str) -> str:
    if character in "\n\t":
        return character
    if character.isspace():
        return "\n" if character in "\r\x0b\x0c\x85\u2028\u2029" else " "
    if unicodedata.category(character) in _NOT_TEXT or ord(character) in _NOT_SEEN:
        return ""
    return character
