"""What was changed in a sentence that copies another almost word for word.

In a free paraphrase another word is no sign of anything. In a copy, one word in the place of another is a change that
somebody made: an opposite, a word from elsewhere on the page, or a piece put in.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import combinations
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.lexicon import NEGATIONS, TELLING
from technoshare_commentator.quality.grounding.language.words import negated_base
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed
    from technoshare_commentator.quality.grounding.language.words import Word

_ALIKE = 0.75  # share of the claim's words that stand in the support in the same order
_LEAST_WORDS = 5
_MOST_BLOCKS = 4  # runs of the same words, the empty one at the end included; a paraphrase has more
_SMALL_CHANGE = 3  # words put in and taken out where only a denial came or went
_MOST_CHANGED = 2  # content words; a longer change is a paraphrase
_LONGEST_CHANGED = 3  # words
_ACTS = ("ing", "ed")


def copy_problems(claim: Parsed, support: Parsed, vocabulary: frozenset[str]) -> Iterator[Problem]:
    """Yield what was put in, taken out or exchanged where `claim` copies `support`; nothing when it does not."""
    mine, theirs = [word.lower for word in claim.words], [word.lower for word in support.words]
    if len(mine) < _LEAST_WORDS:
        return
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    blocks = matcher.get_matching_blocks()
    if sum(block.size for block in blocks) < _ALIKE * len(mine):
        return
    first, last = blocks[0].b, blocks[-2].b + blocks[-2].size
    balanced = _denies(claim.words) == _denies(support.words[first:last])
    close = len(blocks) <= _MOST_BLOCKS
    if close and (word := _in_each_others_place(matcher, claim, support)):
        yield Problem("roles", word, "it has changed places with another", support.text)
    for tag, start, stop, there, there_stop in matcher.get_opcodes():
        new, old = claim.words[start:stop], support.words[there:there_stop]
        inside = there >= first and there_stop <= last
        if tag != "equal" and (denial := _denial(new, old, inside=inside)):
            if balanced or _denies(_clause(claim, start)) == _denies(_clause(support, there)):
                continue
            yield Problem("negation", denial, "it stands on one side only", support.text)
        elif close and tag == "replace" and (word := _exchanged(new, old, claim, support, vocabulary)):
            yield Problem("wording", word, f"the page says {' '.join(one.written for one in old)!r} here", support.text)


def _denial(new: Sequence[Word], old: Sequence[Word], *, inside: bool) -> str:
    """Return the denial that only one side has; what stands around the copied stretch can only match one."""
    mine, theirs = _denials(new), _denials(old)
    if not inside:
        old, theirs = (), [] if not mine else theirs
    if len(new) + len(old) > _SMALL_CHANGE:
        return ""
    return (mine + theirs)[0] if len(mine) % 2 != len(theirs) % 2 else ""


def _in_each_others_place(matcher: SequenceMatcher[str], claim: Parsed, support: Parsed) -> str:
    """Return what stands where the page has something else, which in turn stands in its place; else empty."""
    changed = [
        tuple({word.concept for word in words if word.concept} for words in (claim.words[a:b], support.words[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag == "replace"
    ]
    for (new, old), (later, before) in combinations(changed, 2):
        if new and new == before != later == old:
            return next(word.written for word in claim.words if word.concept in new)
    return ""


def _clause(sentence: Parsed, at: int) -> list[Word]:
    """Return the words of the segment around the word at `at`."""
    own = sentence.segments[min(at, len(sentence.words) - 1)]
    return [word for word, segment in zip(sentence.words, sentence.segments, strict=True) if segment == own]


def _denies(words: Sequence[Word]) -> bool:
    """Whether words deny what they say; of two denials one answers the other."""
    return len(_denials(words)) % 2 == 1


def _denials(words: Sequence[Word]) -> list[str]:
    return [
        one.lower for one in words if one.lower in NEGATIONS or one.lower.endswith("n't") or negated_base(one.lower)
    ]


def _exchanged(
    new: Sequence[Word], old: Sequence[Word], claim: Parsed, support: Parsed, vocabulary: frozenset[str]
) -> str:
    """Return a thing that stands in the place of another and comes from elsewhere on the page; else empty.

    Words for what is done are left: they have more synonyms than anybody can list.
    """
    if any(word.lower.endswith(_ACTS) for word in (*new, *old)):
        return ""
    put_in = [
        word for word in new if word.concept and word.concept not in support.concepts and word.lower not in TELLING
    ]
    taken = [word for word in old if word.concept and word.concept not in claim.concepts]
    if not put_in or not taken or max(len(put_in), len(taken)) > _MOST_CHANGED or len(old) > _LONGEST_CHANGED:
        return ""
    return next((word.written for word in put_in if word.concept in vocabulary), "")
