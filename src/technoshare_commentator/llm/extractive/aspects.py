"""What a commentary has to speak about, and the words by which a sentence shows that it does."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.llm.extractive.cleaning import prose

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence


class Aspect(StrEnum):
    """The five parts of a summary, in the order of the contract."""

    WHAT = "what it is"
    HOW = "how it works"
    FIGURES = "figures or measurements"
    LIMITS = "limits or trade-offs"
    NEW = "what is new"


def _cue(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_UNIT = (
    r"(?:%|\u00d7|x\b|percent|per cent|times|ms\b|milliseconds?|microseconds?|seconds?|minutes?|hours?|days?|"
    r"weeks?|months?|years?|\u00b5s\b|ns\b|[KMGT]i?B\b|[kmgt]bps|bytes?|tokens?|parameters?|rows?|requests?|"
    r"users?|nodes?|cores?|GPUs?|CPUs?|queries|lines|files|models?|languages?|million|billion|trillion|thousand|"
    r"dollars|euros|USD|points?|vulnerabilities|issues|tests?|packages|contributors|deployments|examples|"
    r"documents|images|tasks|hz\b|[kM]\b)"
)
_CUES = {
    Aspect.WHAT: _cue(
        r"\b(?:is|are|was) (?:an?|the|one of) ",
        r"\b(?:provides?|offers?|introduces?|presents?|propose[sd]?|aims? to|allows?|enables?|simplif(?:y|ies)|"
        r"refers to)\b",
        r"\b(?:is (?:designed|intended|built|meant|used) (?:to|for)|(?:helps?|lets?) (?:you|teams|developers|users))\b",
    ),
    Aspect.HOW: _cue(
        r"\b(?:works? by|by \w+ing|uses?|using|based on|built (?:on|with|from)|consists? of|under the hood|"
        r"implement\w*|via)\b",
        r"\b(?:architecture|algorithm|pipeline|instead of|rather than|each|whenever|through|schedul\w+)\b",
        r"\b(?:store|read|write|send|compute|run|call|convert|split|combine|handle|compile|generate|load|map|integrate|"
        r"connect|manage)s?\b",
    ),
    Aspect.FIGURES: _cue(
        rf"(?<![\w.])[~<>$]?\d[\d,.]*(?: *- *\d[\d,.]*)? *[+-]? ?{_UNIT}",
        r"[$\u20ac\u00a3] ?\d|\b(?:half|twice|doubled|tripled|tenfold|halved)\b",
    ),
    Aspect.LIMITS: _cue(
        r"\b(?:limit(?:s|ed|ations?)?|restrict\w*|cannot|can't|unsupported|do(?:es)?(?: not|n't)|unless|currently|"
        r"lacks?)\b",
        r"\bnot (?:yet )?(?:support\w*|possible|available|safe|guarantee\w*|recommend\w*|work|intended|suitable)\b",
        r"\bonly (?:works?|supports?|available|on|for|when|if|in)\b|\b(?:experimental|unsafe|slower|difficult|"
        r"expensive)\b",
        r"\b(?:trade-?off|drawback|downside|caveat|overhead|requirement|cost|risk|bottleneck|disadvantage|problem|"
        r"bug)s?\b",
        r"\b(?:has|have|with) no \w+|\b(?:at most|maximum|refused|unreliable)\b",
        r"\b(?:requires?|penalt\w+|challeng\w+|fail(?:s|ed|ures?)|break(?:s|ing)|degrad\w+)\b",
    ),
    Aspect.NEW: _cue(
        r"\b(?:new|newly|now|introduc(?:es?|ed|ing)|releas(?:es?|ed|ing)|add(?:s|ed)|announc\w+|latest|upcoming|"
        r"first|novel)\b",
        r"\b(?:since v?\d|v\d+(?:\.\d+)+|version \d|previously|no longer|recently|rewritten|redesign\w*)\b",
        r"\b(?:improv(?:es?|ed|ements?)|deprecat\w+|replac(?:es?|ed)|stabili[sz]\w+|upgrad\w+|migrat\w+)\b",
    ),
}
# What a sentence is chiefly about must be surer than what it touches; the first that matches wins.
_CHIEFLY = (
    (Aspect.FIGURES, _CUES[Aspect.FIGURES]),
    (
        Aspect.LIMITS,
        _cue(
            r"\b(?:limit(?:s|ed|ations?)|cannot|can't|unsupported|do(?:es)?(?: not|n't)|unless|requires?|"
            r"experimental|slower)\b",
            r"\bnot (?:yet )?(?:support\w*|possible|available|safe|guarantee\w*|recommend\w*|suitable)\b",
            r"\bonly (?:works?|supports?|available|on|for|when|if)\b|\b(?:trade-?off|drawback|downside|caveat|"
            r"overhead)s?\b",
        ),
    ),
    (
        Aspect.NEW,
        _cue(
            r"\b(?:now|introduc(?:es?|ed|ing)|releas(?:es?|ed)|adds|added|announc\w+|new|newly|no longer|"
            r"replac(?:es?|ed))\b",
            r"\b(?:since v?\d|rewritten|redesigned)\b",
        ),
    ),
    (Aspect.WHAT, _cue(r"\b(?:is|are) (?:an?|the|one of) ")),
    (Aspect.HOW, _CUES[Aspect.HOW]),
)
_COMPARES = _cue(
    r"\b(?:unlike|compared (?:to|with)|in comparison|alternatives?\b|similar to|versus|vs\b|inspired by|instead of)",
    r"\b(?:outperforms?|migrat\w+ from|competitors?)\b",
)
_LICENCE = _cue(r"\blicen[sc](?:e[ds]?|ing)\b", r"\bopen[- ]source|\bApache[- ]2|\bpublic domain\b")


@lru_cache(maxsize=4096)
def aspects_of(sentence: str) -> frozenset[Aspect]:
    """Return the parts of a summary to which `sentence` can belong by its cue words; often several, sometimes none."""
    plain = prose(sentence)
    return frozenset(aspect for aspect, cue in _CUES.items() if cue.search(plain))


def foremost(sentence: str) -> Aspect:
    """Return the one part of a summary that `sentence` is chiefly about; what it is, when no cue says otherwise."""
    plain = prose(sentence)
    return next((aspect for aspect, cue in _CHIEFLY if cue.search(plain)), Aspect.WHAT)


def unknowns(evidence: Evidence) -> tuple[str, ...]:
    """Return what a reader would ask and the page has no words for, in the order of the contract."""
    text = prose(" ".join(evidence.text.split()))
    unspoken = [aspect.value for aspect, cue in _CUES.items() if not cue.search(text)]
    if not _COMPARES.search(text):
        unspoken.append("alternatives")
    if not _LICENCE.search(text) and not any("licen" in key.lower() for key in evidence.metadata):
        unspoken.append("licence")
    return tuple(unspoken)
