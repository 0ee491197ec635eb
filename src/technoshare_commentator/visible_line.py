"""Text of strangers on one line, without anything a reader would not see: for Slack and for the terminal alike."""

from __future__ import annotations

import unicodedata

# Cc control (escape sequences), Cf format (bidi overrides, zero width, tags), Cs lone surrogates that no encoder takes.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
# Zero-width joiner and non-joiner shape emoji families, Indic scripts and Persian.
_SHAPING = frozenset("\u200c\u200d")


def visible_line(text: str) -> str:
    """Return `text` with white space folded to single spaces and control, format and surrogate characters gone."""
    folded = " ".join(text.split())
    if folded.isprintable():
        return folded
    return " ".join(visible_part(folded).split())


def visible_part(line: str) -> str:
    """Return a line with its white space as it is, and control, format and surrogate characters gone."""
    return line if line.isprintable() else "".join(character for character in line if _is_seen(character))


def _is_seen(character: str) -> bool:
    return character in _SHAPING or unicodedata.category(character) not in _INVISIBLE
