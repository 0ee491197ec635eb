"""Whether a sentence denies what its support asserts, or asserts what its support denies or only hopes for.

Denials of both sides are paired, first those of the same thing, then those of the same clause. A denial without a
partner contradicts when the other side speaks of the same thing without denying it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.cues import Cue, cues
from technoshare_commentator.quality.grounding.language.lexicon import (
    CONTRAST_ANSWERS,
    CONTRASTS,
    HEDGE_ANSWERS,
    LEAVING_OUT,
)
from technoshare_commentator.quality.grounding.language.words import concept, negated_base, stem
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_LIGHT = frozenset(concept(verb) for verb in ("support", "offer", "provide", "have", "work", "run", "need", "use"))
_SUPPORTED = frozenset(concept(word) for word in ("support", "available", "possible", "work", "implemented", "allowed"))
_AUXILIARIES = frozenset(("is", "are", "was", "were", "be", "been", "has", "have", "the", "a", "an"))
_DONE = (("has", "been"), ("have", "been"), ("was",), ("were",))
_WILL = (("will", "be"), ("would", "be"))
_FEW = frozenset(("few", "little", "only", "rarely", "seldom", "hardly"))
_CLAUSE = 2  # shared meanings that make two clauses one


def polarity_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield every denial that stands on one side only, and what is said for sure but only hoped for on the page."""
    ours = [cue for cue in cues(claim) if cue.kind == "negation"]
    theirs = [(cue, support) for support in supports for cue in cues(support) if cue.kind != "hedge"]
    lone_ours, lone_theirs = _unpaired(ours, theirs)
    for cue in lone_ours:
        support = _asserting(cue, claim, supports)
        excused = any(one is support and _may_excuse(other, cue, claim) for other, one in lone_theirs)
        set_apart = support and any(
            other.kind == "contrast" and not other.scope.isdisjoint(cue.segment) for other in cues(support)
        )
        if support and not excused and not set_apart:
            yield Problem("negation", cue.word, f"the page asserts what {cue.word!r} denies", support.text)
    for cue, support in lone_theirs:
        if concept(cue.word) in claim.concepts:
            continue  # "rejects" here, "refused" there
        if not ours and _asserts_of_subject(claim, cue, support):
            yield Problem("negation", cue.word, f"the page denies it ({cue.word!r})", support.text)
        if all(not other.head or _held(other, support) for other in lone_ours) and _asserts(
            claim, cue, support, supports
        ):
            yield Problem("negation", cue.word, f"the page denies it ({cue.word!r})", support.text)
    for support in supports:
        if contrast := _exchanged_contrast(claim, support):
            yield Problem("negation", contrast, f"the two sides of {contrast!r} are exchanged", support.text)
    yield from _unsupported(claim, supports)
    yield from _hopes(claim, supports)
    yield from _not_yet(claim, supports)


def _exchanged_contrast(claim: Parsed, support: Parsed) -> str:
    """Return the contrast of which each side asserts what the other sets aside: `A instead of B`, `B instead of A`."""
    others = [cue for cue in cues(support) if cue.kind == "contrast"]
    for mine in (cue for cue in cues(claim) if cue.kind == "contrast" and cue.word in CONTRASTS):
        for other in () if any(mine.head == one.head for one in others) else others:
            set_aside, there = set(mine.head), set(other.head)
            ours, theirs = claim.concepts - mine.scope, support.concepts - other.scope
            if set_aside & theirs and there & ours and not set_aside & there:
                return mine.word
    return ""


def _may_excuse(other: Cue, cue: Cue, claim: Parsed) -> bool:
    """Whether another denial of the support, in the clause in question, may say in other words what `cue` says."""
    near = not other.segment.isdisjoint(cue.head) or not other.scope.isdisjoint(cue.segment)
    return other.kind == "negation" and bool(other.head) and not _held(other, claim) and near


def _held(cue: Cue, sentence: Parsed) -> bool:
    """Whether a sentence speaks of what a cue denies; a denial of something else may say the same in other words."""
    return bool(cue.head) and all(one in sentence.concepts for one in cue.head[:2])


def _unpaired(ours: Sequence[Cue], theirs: Sequence[tuple[Cue, Parsed]]) -> tuple[list[Cue], list[tuple[Cue, Parsed]]]:
    left, right = list(ours), list(theirs)
    for alike in (_same_head, _same_scope, _same_word, _same_clause):
        for cue in tuple(left):
            alikes = [other for other in right if alike(cue, other[0]) and _may_pair(alike, other[0])]
            partner = min(alikes, key=lambda other: other[0].word != cue.word, default=None)
            if partner:
                left.remove(cue)
                right.remove(partner)
    return left, right


def _may_pair(alike: Callable[[Cue, Cue], bool], other: Cue) -> bool:
    """A contrast answers a denial of the very same thing only."""
    return other.kind == "negation" or alike in {_same_head, _same_scope}


def _same_head(one: Cue, other: Cue) -> bool:
    return bool(one.head) and one.head[:1] == other.head[:1]


def _same_scope(one: Cue, other: Cue) -> bool:
    return not set(one.head[:2]).isdisjoint(other.scope) or not set(other.head[:2]).isdisjoint(one.scope)


def _same_word(one: Cue, other: Cue) -> bool:
    return one.word == other.word and _same_clause(one, other)


def _same_clause(one: Cue, other: Cue) -> bool:
    mine, theirs = one.segment | one.scope, other.segment | other.scope
    return len(mine & theirs) >= min(_CLAUSE, len(mine), len(theirs))


def _asserting(cue: Cue, claim: Parsed, supports: Sequence[Parsed]) -> Parsed | None:
    """The support that says what `cue` denies, about the same thing and without a soft denial of its own."""
    head = cue.head[:2]
    for support in supports:
        held = [one for one in head if _literally(one, claim, support)]
        if held and (len(held) == len(head) or head[0] in _LIGHT) and _about_the_same(cue, held, support):
            softened = not _FEW.isdisjoint(support.lowers) and _FEW.isdisjoint(claim.lowers)
            return None if softened or not LEAVING_OUT.isdisjoint(support.lowers) else support
    return None


def _literally(meaning: str, claim: Parsed, support: Parsed) -> bool:
    """Whether both use the same word for a meaning; between synonyms a denial proves little."""
    mine, theirs = (
        {stem(negated_base(word.lower) or word.lower) for word in one.words if word.concept == meaning}
        for one in (claim, support)
    )
    return not mine.isdisjoint(theirs)


def _about_the_same(cue: Cue, held: Sequence[str], support: Parsed) -> bool:
    """Whether the clause of `support` that holds what is denied speaks of something else of the denying clause, too."""
    rest = cue.segment - set(held)
    for segment in set(support.segments):
        own = support.segment_concepts(segment)
        if not own.isdisjoint(held) and (not rest or not rest.isdisjoint(own)):
            return True
    return False


def _asserts(claim: Parsed, cue: Cue, support: Parsed, supports: Sequence[Parsed]) -> bool:
    """Whether `claim` says without any denial what `cue` denies in `support`."""
    heads = [head for head in (cue.head[:2], cue.verb) if head and all(_literally(one, claim, support) for one in head)]
    if not heads:
        return False
    head = heads[0]
    if cue.kind == "contrast" and not CONTRAST_ANSWERS.isdisjoint(claim.lowers):
        return False
    softened = not _FEW.isdisjoint(claim.lowers) and _FEW.isdisjoint(support.lowers)
    if softened or not LEAVING_OUT.isdisjoint(claim.lowers - support.lowers):
        return False
    if cue.figure and cue.figure not in {figure.quantity.exact for figure in claim.figures}:
        return False
    if any(set(head) <= (one.scope | one.segment) for one in cues(claim) if one.kind != "hedge"):
        return False
    shared = (cue.segment | cue.scope) & claim.concepts
    return len(shared) >= min(2, len(cue.segment | cue.scope)) and not _said_elsewhere(head, supports)


def _asserts_of_subject(claim: Parsed, cue: Cue, support: Parsed) -> bool:
    """Whether `claim` says of one what `support` says of others: "headings survive, whereas body text does not"."""
    if cue.head or cue.kind != "negation" or not cue.segment <= claim.concepts or not cue.segment:
        return False
    first = [word.concept for word in claim.words if word.concept][: len(cue.segment)]
    return set(first) == cue.segment and bool((claim.concepts - cue.segment) & support.concepts)


def _said_elsewhere(head: tuple[str, ...], supports: Sequence[Parsed]) -> bool:
    """Whether the page also asserts it outside of every denial: `not a database but a cache for databases`."""
    for support in supports:
        denied = frozenset().union(*(cue.scope for cue in cues(support)))
        said = [word.concept for word in support.words if word.concept]
        counts = {one: said.count(one) for one in head}
        if all(one in said and (one not in denied or counts[one] > 1) for one in head):
            return True
    return False


def _unsupported(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield what a support says not to be supported though all its words stand here: "Python 3.9", "out of it"."""
    if any(cue.kind != "hedge" or cue.head for cue in cues(claim)) or not CONTRAST_ANSWERS.isdisjoint(claim.lowers):
        return
    for support in supports:
        for cue in cues(support):
            if cue.kind != "negation" or not _SUPPORTED.intersection(cue.head[:1]):
                continue
            own = support.segments[cue.at]
            before = [
                word.lower
                for word, segment in zip(support.words[: cue.at], support.segments, strict=False)
                if segment == own and word.lower not in _AUXILIARIES
            ]
            if len(before) > 1 and claim.lowers.issuperset(before):
                yield Problem("negation", cue.word, f"the page denies it ({cue.word!r})", support.text)
                return


def _hopes(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    if not HEDGE_ANSWERS.isdisjoint(claim.lowers) or any(cue.kind == "negation" for cue in cues(claim)):
        return
    for support in supports:
        for cue in cues(support):
            reached = cue.scope & claim.concepts
            hoped = cue.kind == "hedge" and bool(cue.head) and len(reached) * 2 >= len(cue.scope)
            others = [one for one in supports if one is not support]
            if hoped and set(cue.head[:2]) <= claim.concepts and not _said_elsewhere(cue.head[:2], others):
                yield Problem("certainty", cue.word, f"the page is less sure ({cue.word!r})", support.text)
                return


def _not_yet(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield what "has been done" here and "will be done" there."""
    done = _verbs_behind(claim, _DONE)
    for support in supports:
        for verb in sorted(done & _verbs_behind(support, _WILL)):
            if verb not in _verbs_behind(support, _DONE):
                yield Problem("certainty", verb, "the page says that it will be", support.text)
                return


def _verbs_behind(sentence: Parsed, auxiliaries: tuple[tuple[str, ...], ...]) -> set[str]:
    lowers = [word.lower for word in sentence.words]
    found = set()
    for words in auxiliaries:
        for at in range(len(lowers) - len(words)):
            following = sentence.words[at + len(words)]
            if tuple(lowers[at : at + len(words)]) == words and following.concept:
                found.add(following.concept)
    return found
