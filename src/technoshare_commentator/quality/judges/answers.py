"""What a judge answers: a verdict on every item, and a score on the scale of its prompt that follows from them.

A judge that leaves an item out, or whose score does not follow, is shown its mistake once by the client, like any other
answer that breaks its schema.
"""

from __future__ import annotations

from collections import Counter
from typing import ClassVar, Literal, Self, TypeVar

from pydantic import create_model, model_validator

from technoshare_commentator.domain import Value

PASS_AT = 4  # on the scale of 1 to 5 that every prompt describes


class JudgedItem(Value):
    """What a judge says of one item; quote and reason come first, so that the verdict rests on them."""

    item: int
    quote: str
    reason: str
    verdict: str


class Judgement(Value):
    """The answer of one vote."""

    good: ClassVar[str]  # the verdict of an item with which nothing is wrong
    without_quote: ClassVar[frozenset[str]]  # verdicts for which the page may hold no words

    items: tuple[JudgedItem, ...]
    score: Literal[1, 2, 3, 4, 5]

    @property
    def bad(self) -> tuple[JudgedItem, ...]:
        """The items with which something is wrong."""
        return tuple(one for one in self.items if one.verdict != self.good)

    @model_validator(mode="after")
    def _score_follows_from_the_verdicts(self) -> Self:
        if self.score >= PASS_AT and self.bad:
            first = self.bad[0]
            raise ValueError(
                f"the score is {self.score}, but item {first.item} is {first.verdict!r}; {PASS_AT} and 5 are given "
                f"only when every item is {self.good!r}: correct the verdict or the score"
            )
        if self.score < PASS_AT and not self.bad:
            raise ValueError(
                f"the score is {self.score}, but every item is {self.good!r}, which makes it {PASS_AT} or 5: correct a "
                "verdict or the score"
            )
        return self


class FaithfulItem(JudgedItem):
    """Whether the page supports an item."""

    verdict: Literal["supported", "contradicted", "not_found"]


class Faithfulness(Judgement):
    """Whether TL;DR and summary are true to the page."""

    good = "supported"
    without_quote = frozenset({"not_found"})

    items: tuple[FaithfulItem, ...]


class RelevantItem(JudgedItem):
    """Whether a colleague of the theme would act on a bullet."""

    verdict: Literal["relevant", "vague", "misplaced", "unsupported"]


class Relevance(Judgement):
    """Whether the project bullets serve their themes."""

    good = "relevant"
    without_quote = frozenset({"vague", "misplaced", "unsupported"})

    items: tuple[RelevantItem, ...]


class ComparedItem(JudgedItem):
    """Whether the page makes the comparison of a bullet."""

    verdict: Literal["compared", "misstated", "not_compared", "not_named"]


class Hallucination(Judgement):
    """Whether similar technology was made up; a score of 5 is free of that."""

    good = "compared"
    without_quote = frozenset({"not_named"})

    items: tuple[ComparedItem, ...]


J = TypeVar("J", bound=Judgement)


def covering(shape: type[J], items: int) -> type[J]:
    """Return `shape` for a commentary of `items` items: an answer that does not judge each of them once is none."""

    def each_once(judgement: J) -> J:
        given = Counter(one.item for one in judgement.items)
        wanted = range(1, items + 1)
        wrong = [number for number in sorted({*wanted, *given}) if given[number] != (number in wanted)]
        if wrong:
            raise ValueError(f"judge each of the items 1 to {items} once; see to {', '.join(map(str, wrong))}")
        return judgement

    validators = {"each_once": model_validator(mode="after")(each_once)}
    return create_model(shape.__name__, __base__=shape, __validators__=validators)  # type: ignore[arg-type]
