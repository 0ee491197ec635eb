"""Which end of a change a number is: `from 410 ms to 38 ms`, `38 ms, against 410 ms`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_OLD_BEFORE = word_set("from against previously formerly originally")
_NEW_BEFORE = word_set("to now reaching reaches reached")


def old_for_new(claim: Parsed, support: Parsed) -> str:
    """Return a number that is the old value here and the new one there, or the other way round; else empty."""
    mine, theirs = _ends(claim), _ends(support)
    for value, end in mine.items():
        if theirs.get(value, end) != end:
            return value
    return ""


def holds_ends(claim: Parsed, support: Parsed) -> bool:
    """Whether both sentences speak of an end of the same change."""
    return not _ends(claim).keys().isdisjoint(_ends(support))


def _ends(sentence: Parsed) -> dict[str, str]:
    """Which numbers a sentence calls old and which new: `from 410 ms to 38 ms`, `38 ms, against 410 ms`."""
    found: dict[str, str] = {}
    for figure in sentence.figures:
        before = sentence.words[figure.at - 1].lower if figure.at else ""
        if before == "of" and figure.at > 1 and sentence.words[figure.at - 2].lower == "instead":
            before = "from"
        value = f"{figure.quantity.value or figure.quantity.exact}"
        if before in _OLD_BEFORE:
            found[value] = "old"
        elif before in _NEW_BEFORE:
            found[value] = "new"
    if "old" in found.values() and "new" not in found.values():
        rest = [f"{one.quantity.value or one.quantity.exact}" for one in sentence.figures if one.quantity.dimension]
        measured = [value for value in rest if value not in found]
        if len(measured) == 1:
            found[measured[0]] = "new"
    return found if len(found) > 1 else {}
