"""Where a sentence denies or hedges, and what: `does not need a broker` denies `need` and `broker`.

A cue reaches to the right until its clause ends; where nothing follows (`transactions are missing`) it reaches back to
its subject. Negated words (`unsupported`, `dependency-free`) are cues that reach themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from technoshare_commentator.quality.grounding.language.lexicon import CONTRASTS, HEDGES, NEGATIONS
from technoshare_commentator.quality.grounding.language.words import negated_base
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from technoshare_commentator.quality.grounding.language.parsed import Parsed

CueKind = Literal["negation", "contrast", "hedge"]

_FIGURE_BEHIND = 3  # words
_REACH = 6  # content words a cue denies at most
_NOT_IN = ("n't",)
_STRONG_STOP = re.compile(r"[;:()\[\]|\u2013\u2014]|,")
_ENDS_SCOPE = word_set("""
    but because since while whereas although though unless until when where which who whose that if so than before after
    instead rather via through by during
""")
_NARROW_END = word_set("in on at for from to of as is are was were has have had can will and or into with")
_NARROW = word_set("without no unlike instead rather except excluding besides versus vs against none than despite")
_AND_STOPS = word_set("and or")
_AUXILIARIES = word_set("be been being have has had do does did")
_GONE = word_set("removed dropped gone discontinued deprecated abandoned retired ended")
_GIVING_UP = word_set("drop drops dropped remove removes removed deprecate deprecates deprecated abandon abandons")
_BEING = word_set("is are was were be been being")
_NOT_ONLY = word_set("only just merely necessarily least")
_BACKWARD = word_set("missing absent absence lacking impossible unable fail fails failed failing stop stops stopped")


@dataclass(frozen=True)
class Cue:
    """One word that denies or hedges: its place, the place of the first content word it reaches, and all it reaches.

    `segment` is what its clause speaks of; `head` is empty when the cue reaches nothing. `verb` is the one in front of
    "no" ("saved no money"), `figure` the number that makes what is given up a version of it ("drops Node.js 18").
    """

    kind: CueKind
    word: str
    at: int
    head: tuple[str, ...]
    scope: frozenset[str]
    segment: frozenset[str]
    verb: tuple[str, ...] = ()
    figure: str = ""


@lru_cache(maxsize=4096)
def cues(sentence: Parsed) -> tuple[Cue, ...]:
    """Return the cues of a sentence in their order."""
    found = []
    for at, word in enumerate(sentence.words):
        kind = _kind(sentence, at)
        if kind:
            found.append(_cue(sentence, at, kind, _scope(sentence, at)))
        elif negated_base(word.lower):
            found.append(_cue(sentence, at, "negation", [word.concept]))
        elif word.lower == "free" and at and _hyphen_before(sentence, at) and sentence.words[at - 1].concept:
            found.append(_cue(sentence, at, "negation", [sentence.words[at - 1].concept]))
    return tuple(found)


def _kind(sentence: Parsed, at: int) -> CueKind | None:
    lower = sentence.words[at].lower
    after = sentence.words[at + 1].lower if at + 1 < len(sentence.words) else ""
    if lower.endswith(_NOT_IN) or (lower in NEGATIONS and lower not in CONTRASTS):
        if (lower == "not" and after in _NOT_ONLY) or (lower == "no" and after in {"doubt", "matter", "wonder"}):
            return None
        aside = lower == "not" and at and (sentence.words[at - 1].lower == "and" or _pauses(sentence, at))
        return "contrast" if aside and after not in _AUXILIARIES else "negation"
    if lower in CONTRASTS:
        contrasting = after in {"of", "than"} if lower in {"instead", "rather"} else lower != "than"
        return "contrast" if contrasting else None
    if lower in _GONE and at and sentence.words[at - 1].lower in {"is", "are", "was", "were", "been", "be"}:
        return "contrast"
    if lower in _GIVING_UP and at + 1 < len(sentence.words) and _gives_up_a_thing(sentence, at + 1):
        return "contrast"
    if lower == "expected" and sentence.words[at - 1].lower not in _BEING and after != "to":
        lower = ""  # "the mean expected error"
    return "hedge" if lower in HEDGES else None


def _pauses(sentence: Parsed, at: int) -> bool:
    before = sentence.words[at - 1]
    return "," in sentence.text[before.start + len(before.written) : sentence.words[at].start]


def _gives_up_a_thing(sentence: Parsed, at: int) -> bool:
    """Whether what follows can be given up: a name or "support", not a figure that drops."""
    return sentence.words[at].lower == "support" or any(name.at == at for name in sentence.names)


def _cue(sentence: Parsed, at: int, kind: CueKind, scope: list[str]) -> Cue:
    own = sentence.segment_concepts(sentence.segments[at])
    word = sentence.words[at].lower
    before = sentence.words[at - 1].concept if at else ""
    verb = (before,) if word == "no" and before else ()
    behind = [figure.quantity.exact for figure in sentence.figures if at < figure.at <= at + _FIGURE_BEHIND]
    figure = behind[0] if word in _GIVING_UP and behind else ""
    return Cue(kind, word, at, tuple(scope[:3]), frozenset(scope), own, verb, figure)


def _scope(sentence: Parsed, at: int) -> list[str]:
    """What a cue reaches: to its right, or to its left when it is a predicate and nothing stands on its right."""
    lower = sentence.words[at].lower
    reached = [] if lower in _GONE else _rightwards(sentence, at, narrow=lower in _NARROW)
    if reached and lower not in {"missing", "absent", "impossible"}:
        return reached
    if lower in _BACKWARD or lower in _GONE:
        own = sentence.segments[at]
        left = [w.concept for w, s in zip(sentence.words[:at], sentence.segments, strict=False) if s == own]
        return [one for one in reversed(left) if one][:_REACH]
    return reached


def _rightwards(sentence: Parsed, at: int, *, narrow: bool) -> list[str]:
    found: list[str] = []
    end = sentence.words[at].start + len(sentence.words[at].written)
    listing = False
    for place in range(at + 1, len(sentence.words)):
        word = sentence.words[place]
        gap = sentence.text[end : word.start]
        end = word.start + len(word.written)
        if _STRONG_STOP.search(gap) and not (listing or _goes_on(sentence, place)):
            break
        if place > at + 1 and word.lower in _ENDS_SCOPE:
            break
        if found and narrow and word.lower in _NARROW_END and word.lower not in _AND_STOPS:
            break
        if word.lower in _AND_STOPS and place == at + 1:
            break  # "means nothing and costs much"
        if found and word.lower in _AND_STOPS and _starts_a_verb(sentence, place + 1):
            break
        listing = word.lower in _AND_STOPS
        if word.concept and not (place == at + 1 and word.lower == "longer"):
            found.append(word.concept)
        if len(found) == _REACH:
            break
    return found


def _goes_on(sentence: Parsed, place: int) -> bool:
    """Whether the comma before `place` stands in a list: `no JVM, ZooKeeper or sidecar`."""
    following = [word.lower for word in sentence.words[place : place + 4]]
    return any(word in {"or", "nor"} for word in following)


def _starts_a_verb(sentence: Parsed, place: int) -> bool:
    """Whether the words from `place` begin another clause: `and the team plans`, `and runs on`."""
    later = [word.lower for word in sentence.words[place : place + 4]]
    if not later:
        return False
    verbs = {"is", "are", "was", "were", "has", "have", "had", "can", "will", "does", "do", "must", "it", "they", "we"}
    return later[0] in {"the", "it", "its", "they", "we", "then", "thus"} or bool(verbs.intersection(later))


def _hyphen_before(sentence: Parsed, at: int) -> bool:
    before = sentence.words[at - 1]
    return sentence.text[before.start + len(before.written) : sentence.words[at].start] == "-"
