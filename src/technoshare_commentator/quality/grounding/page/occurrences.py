"""Which numbers and names of a sentence the evidence supports, and where: deterministic, without a model.

A sentence that stands in a snippet word for word is supported by it. In any other, each number must occur in the
evidence with the same value and, where both name one, the same unit; each proper name must occur in it, in the title,
in the metadata or in the addresses. Whether a sentence says the right thing about them is for judges to decide.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeVar

from technoshare_commentator.quality.grounding.language.agreement import is_rounded, rounded_from
from technoshare_commentator.quality.grounding.language.names import has_marks_of_a_name, key, names, parts, tokens
from technoshare_commentator.quality.grounding.language.quantities import is_counted, quantities
from technoshare_commentator.vocabulary import FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from decimal import Decimal

    from technoshare_commentator.quality.grounding.language.quantity import Quantity
    from technoshare_commentator.quality.grounding.page.passages import Passage

    _Sized = tuple[Decimal, Quantity, str]  # a value in base units, its number, and the passage that holds it

K = TypeVar("K")
Kind = Literal["number", "name"]

_SPACE = re.compile(r"\s+")
_ENDINGS = ("s", "ized", "ised", "ic", "ish", "like")
_SHORTEST_STEM = 3
_SIDE_BY_SIDE = 3  # as many words as `_neighbours` joins
_LETTERS_AND_NUMBER = re.compile(r"[^\W\d_][-.]?\d")
_LOWER_TAIL = re.compile(r"(?:-[a-z]+)+$")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORT_MONTHS = tuple(month[:3] for month in _MONTHS)
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)}|(?:{'|'.join(_SHORT_MONTHS)}|sept)\b\.?)(?=\s+\d|,)", re.IGNORECASE)
_WORD_BEHIND = re.compile(r"[\s-]*([^\W\d_]+)")
_ISO_MONTH = re.compile(r"\b(?:19|20)[0-9]{2}-(0[1-9]|1[0-2])\b")


@dataclass(frozen=True)
class Support:
    """One number or name of a sentence, and the snippet that holds it.

    `snippet_id` is None when nothing supports the claim; what the title or a heading, the metadata, an address or a
    theme supports carries `@title`, `@metadata`, `@url` or `@theme`.
    """

    claim: str
    kind: Kind
    snippet_id: str | None


class Grounding:
    """The numbers and names of some passages, ready to be asked for."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(replace(passage, text=_SPACE.sub(" ", passage.text)) for passage in passages)

    def supports(self, sentence: str) -> tuple[Support, ...]:
        """Return every number and name of one sentence with the first passage that supports it."""
        folded = _SPACE.sub(" ", sentence).strip()
        whole = self._quoted_from(folded)
        counted = (quantity for quantity in quantities(folded) if is_counted(quantity))
        return (
            *(Support(quantity.text, "number", whole or self._find_number(quantity, folded)) for quantity in counted),
            *(Support(name.text, "name", whole or self.find_name(name.text)) for name in names(folded)),
        )

    def find_name(self, name: str) -> str | None:
        """Return the id of the first passage that holds `name`; None when none does."""
        found = self._find_word(name)
        if found is None and (stem := _LOWER_TAIL.sub("", name)) != name:
            found = self._find_word(stem)  # the GPT-4 of "GPT-4-based"
        if found is not None or _LETTERS_AND_NUMBER.search(name):
            return found
        pieces = [piece for piece in parts(name) if has_marks_of_a_name(piece) or piece[0].isupper()]
        places = [self._find_word(piece) for piece in pieces] if pieces != [name] else []
        return places[0] if places and all(places) else None

    def title_support(self, title: str) -> Support:
        """Return what supports a title as a whole: its words, capital or not, must occur side by side."""
        words = [word for word, _ in tokens(title)]
        places = [self.find_name(" ".join(words[start : start + _SIDE_BY_SIDE])) for start in range(len(words))]
        return Support(title, "name", places[0] if places and all(places) else None)

    def _quoted_from(self, sentence: str) -> str | None:
        return next((passage.id for passage in self._passages if stands_in(sentence, passage.text)), None)

    def _find_word(self, word: str) -> str | None:
        folded = key(word)
        stems = (folded.removesuffix(end) for end in _ENDINGS if len(folded) >= _SHORTEST_STEM + len(end))
        for candidate in (folded, f"{folded}s", *stems):
            if found := self._words.get(candidate) or self._neighbours.get(candidate):
                return found
        return None

    def _find_number(self, claim: Quantity, sentence: str) -> str | None:
        if not claim.dimension or claim.value is None:
            found = self._exact.get(claim.exact)
        else:
            found = self._measured.get((claim.dimension, claim.value)) or self._alone.get(claim.exact)
        return found or self._find_rounded(claim, sentence)

    def _find_rounded(self, claim: Quantity, sentence: str) -> str | None:
        """Look among the few numbers that can be rounded to this one: a page may hold thousands of others."""
        bounds = rounded_from(claim)
        if bounds is None:
            return None
        known = self._by_size.get(claim.dimension, [])
        start, end = bisect_left(known, bounds[0], key=_size), bisect_right(known, bounds[1], key=_size)
        near = islice(known, start, end)
        return next((at for _, one, at in near if is_rounded(claim, sentence, one)), None)

    @cached_property
    def _words(self) -> dict[str, str]:
        """Every word, compound and part of one, to the first passage that holds it."""
        found: dict[str, str] = {}
        seen: set[str] = set()
        for passage in self._passages:
            words = {word for word, _ in tokens(passage.text)} - seen
            seen |= words
            for form in (form for word in words for form in (word, *parts(word), *word.split("."))):
                found.setdefault(key(form), passage.id)
            for month in months(passage.text):
                found.setdefault(month, passage.id)
        return found

    @cached_property
    def _neighbours(self) -> dict[str, str]:
        """Two and three neighbouring words written as one: the `OpenTelemetry` of a text that writes it apart."""
        found: dict[str, str] = {}
        for passage in self._passages:
            words = [key(part) for word, _ in tokens(passage.text) for part in parts(word)]
            for first, second, third in zip(words, [*words[1:], ""], [*words[2:], "", ""], strict=False):
                found.setdefault(first + second, passage.id)
                found.setdefault(first + second + third, passage.id)
        return found

    @cached_property
    def _numbers(self) -> tuple[tuple[Quantity, Passage], ...]:
        return tuple((quantity, passage) for passage in self._passages for quantity in quantities(passage.text))

    @cached_property
    def _by_size(self) -> dict[str, list[_Sized]]:
        """Numbers by dimension, the smallest first, each value once."""
        found: dict[str, dict[Decimal, _Sized]] = {}
        for one, at in self._numbers:
            if one.value is not None:
                found.setdefault(one.dimension, {}).setdefault(one.value, (one.value, one, at.id))
        return {dimension: sorted(sized.values(), key=_size) for dimension, sized in found.items()}

    @cached_property
    def _exact(self) -> dict[str, str]:
        return _first((quantity.exact, passage.id) for quantity, passage in self._numbers)

    @cached_property
    def _alone(self) -> dict[str, str]:
        """Numbers without a unit or a noun, as in a cell of a table whose head names the unit."""
        return _first(
            (quantity.exact, passage.id) for quantity, passage in self._numbers if _is_alone(quantity, passage)
        )

    @cached_property
    def _measured(self) -> dict[tuple[str, Decimal | None], str]:
        return _first(((quantity.dimension, quantity.value), passage.id) for quantity, passage in self._numbers)


def _size(sized: _Sized) -> Decimal:
    return sized[0]


def _first(found: Iterable[tuple[K, str]]) -> dict[K, str]:
    result: dict[K, str] = {}
    for what, place in found:
        result.setdefault(what, place)
    return result


def _is_alone(quantity: Quantity, passage: Passage) -> bool:
    behind = _WORD_BEHIND.match(passage.text, quantity.start + len(quantity.text))
    return not quantity.dimension and not (behind and behind.group(1) not in FUNCTION_WORDS)


def stands_in(sentence: str, text: str) -> bool:
    """Whether `text` holds `sentence` whole: "It costs 4." does not stand in "It costs 4.5 dollars."."""
    start = text.find(sentence)
    while start >= 0:
        end = start + len(sentence)
        before, after = text[max(0, start - 1) : start], text[end : end + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        start = text.find(sentence, start + 1)
    return False


def months(text: str) -> Iterator[str]:
    """Yield the names of all months in `text`, written out, shortened or as numbers, long and short."""
    for month in {int(found) for found in _ISO_MONTH.findall(text)} | {
        _SHORT_MONTHS.index(found.lower()[:3]) + 1 for found in _MONTH.findall(text)
    }:
        name = _MONTHS[month - 1]
        yield from (name, name[:3], name[:4])
