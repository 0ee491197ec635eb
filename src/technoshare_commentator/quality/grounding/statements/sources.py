"""Who says it, who has it and why: attributions, things only planned, products taken for one another, and causes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.cues import cues
from technoshare_commentator.quality.grounding.language.lexicon import CONTRAST_ANSWERS, HEDGE_ANSWERS, TELLING
from technoshare_commentator.quality.grounding.language.names import key
from technoshare_commentator.quality.grounding.language.words import concept
from technoshare_commentator.quality.grounding.page.alignment import figure_key
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Named, Parsed
    from technoshare_commentator.quality.grounding.page.alignment import Page, Place

_SAYING = frozenset(
    concept(verb)
    for verb in word_set("estimate claim say report argue recommend expect predict warn find conclude promise")
)
_FIRST_PERSON = word_set("we our us i my")
_OURS = frozenset(
    concept(word)
    for word in word_set("""
        author paper page post article report study team project maintainer benchmark readme note changelog blog
        survey measurement documentation developer researcher
    """)
)
_MOST_OF_A_SOURCE = 4  # words
_BECAUSE = word_set("because since due thanks owing as")
_NOW = word_set("now today currently nowadays")
_EARLIER = word_set("previous previously earlier former formerly before until old")
_BE = word_set("is are was were")
_LEADING = 6  # words; a name among them is the subject
_TOPIC = 4  # sentences that make a name one that the page is about
_LEAST = 2  # content words
_MOST_FOREIGN = 0.5
_FITTING = 0.5  # of the best overlap that makes another sentence speak of the same


def source_problems(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """Yield what is put into the wrong mouth, given to the wrong product, only planned, or given another reason."""
    if not places:
        return
    yield from _wrong_mouths(claim, places, page)
    yield from _unheard(claim, places, page)
    yield from _only_planned(claim, page)
    yield from _other_products(claim, places, page)
    yield from _other_reasons(claim, places, page)
    yield from _no_longer_so(claim, places)


def _no_longer_so(claim: Parsed, places: Sequence[Place]) -> Iterator[Problem]:
    """A figure that the page gives for an earlier time is not the one of today."""
    if _NOW.isdisjoint(claim.lowers) or not CONTRAST_ANSWERS.isdisjoint(claim.lowers):
        return
    now = {s for word, s in zip(claim.words, claim.segments, strict=True) if word.lower in _NOW}
    for figure in claim.figures:
        if figure.quantity.implied or not figure.quantity.value or figure.segment not in now:
            continue
        holding = [place for place in places if figure_key(figure.quantity) in place.figures]
        lowers = [place.parsed.lowers for place in holding]
        if lowers and all(_NOW.isdisjoint(one) and not _EARLIER.isdisjoint(one) for one in lowers):
            yield Problem("roles", figure.quantity.text, "on the page it belongs to an earlier time", holding[0].text)


def _wrong_mouths(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """What the authors say of themselves ("our estimate") belongs to nobody else: to no name that is not the page's."""
    home = places[0]
    for at, word in enumerate(claim.words):
        if word.concept not in _SAYING or _FIRST_PERSON.isdisjoint(home.parsed.lowers):
            continue
        sayers = [name for name in claim.names if name.at < at <= name.at + _LEADING]
        for name in sayers:
            own = claim.words[name.at].concept in page.topic
            if not own and name.text.casefold() not in home.text.casefold():
                yield Problem("name", name.text, "the authors say this of their own", home.text)
                return


def _unheard(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """Yield whom a sentence quotes with "according to" though nobody of that name is heard there."""
    lowers = [word.lower for word in claim.words]
    for at in range(len(lowers) - 2):
        if lowers[at : at + 2] != ["according", "to"]:
            continue
        segment = claim.segments[at]
        behind = zip(claim.words[at + 2 :], claim.segments[at + 2 :], strict=True)
        source = [word for word, s in behind if s == segment]
        said = [word for word in source if word.concept][:_MOST_OF_A_SOURCE]
        near = page.topic.union(*(one.concepts for place in places[:1] for one in page.around(place, 1)))
        if said and _OURS.isdisjoint(word.concept for word in said) and any(word.concept not in near for word in said):
            yield Problem(
                "name", " ".join(word.written for word in said), "the page does not quote it here", places[0].text
            )
            return


def _only_planned(claim: Parsed, page: Page) -> Iterator[Problem]:
    """A name that the page only denies, plans or sets apart cannot be asserted."""
    if not CONTRAST_ANSWERS.isdisjoint(claim.lowers) or not HEDGE_ANSWERS.isdisjoint(claim.lowers):
        return
    reached = frozenset().union(*(cue.scope | cue.segment for cue in cues(claim)))
    for name in claim.names:
        meaning = claim.words[name.at].concept
        holding = [place for place in page.places if meaning in place.concepts]
        if not meaning or meaning in page.topic or meaning in reached or not holding:
            continue
        if all(_sets_apart(place, meaning) for place in holding):
            yield Problem(
                "certainty", name.text, "the page speaks of it as planned, missing or different", holding[0].text
            )


def _sets_apart(place: Place, meaning: str) -> bool:
    for cue in cues(place.parsed):
        near = meaning in cue.scope or (cue.kind == "hedge" and meaning in cue.segment)
        denied = cue.kind == "negation" and meaning in cue.segment and cue.head[:1] and len(cue.segment) <= _LEADING
        if (cue.kind in {"hedge", "negation"} and near) or denied:
            return True
    return False


def _other_products(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """What the page says of one product, in a sentence that names or follows it, cannot be said of another."""
    subject = next((name for name in claim.names if name.at < _LEADING), None)
    if subject is None or claim.words[subject.at].concept in page.topic or not _begins(claim, subject):
        return
    named = [place for place in page.places if key(subject.text) in key(place.text)]
    if not named or len(named) >= _TOPIC or named[0].number < _TOPIC:
        return  # what a page is about is spoken of everywhere
    own = frozenset().union(
        *(near.concepts for place in named for near in page.places[place.number : place.number + 3])
    )
    content = {word.concept for word in claim.words if word.concept and word.lower not in TELLING}
    foreign = content - own
    for place in places:
        others = [name for name in place.parsed.names if name.key != subject.key]
        taken = foreign & place.concepts
        if len(taken) >= _LEAST and len(taken) * 2 > len(foreign) and key(subject.text) not in key(place.text):
            what = repr(others[0].text) if others else "something else"
            yield Problem("name", subject.text, f"the page says this of {what}", place.text)
            return


def _begins(claim: Parsed, subject: Named) -> bool:
    """Whether a name is the subject of its sentence: it opens it, and no noun of its own follows."""
    opens = not any(word.concept for word in claim.words[: subject.at])
    second = [word.lower for word in claim.words[subject.at + 1 : subject.at + 3]][1:]
    return opens and _BE.isdisjoint(second)


def _other_reasons(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """A reason must stand near what it is a reason for."""
    for at, word in enumerate(claim.words):
        segment = claim.segments[at]
        opens = word.lower in _BECAUSE and (
            at == 0 or claim.segments[at - 1] != segment or word.lower in {"due", "thanks"}
        )
        if not opens or (word.lower in {"since", "as"} and at):
            continue
        reason = {w.concept for w in claim.words[at + 1 :] if w.concept and w.lower not in TELLING} if at else set()
        effect = claim.concepts - reason
        if not reason or not effect:
            continue
        most = max(len(effect & place.concepts) for place in places)
        homes = [place for place in places if len(effect & place.concepts) > _FITTING * most]
        home = homes[0] if homes else places[0]
        near = frozenset().union(*(one.concepts for place in homes for one in page.around(place, 1)))
        if len(reason - near) > _MOST_FOREIGN * len(reason):
            yield Problem("addition", " ".join(sorted(reason - near)), "the page gives no such reason here", home.text)
            return
