"""The sentences of a page that may be quoted, each with where it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from technoshare_commentator.injection import gives_orders
from technoshare_commentator.llm.extractive import quotable
from technoshare_commentator.llm.extractive.cleaning import plain_units
from technoshare_commentator.llm.extractive.grammar import ended
from technoshare_commentator.sentences import english_share, normalise_sentence, split_sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from technoshare_commentator.domain import Evidence, Snippet

# Sections that are about the page or its makers and not about the subject; "Community detection" is about a subject.
_MAKERS = (
    r"(?:contribut\w*|licen[sc]\w*|contacts?|community|credits|acknowledge?ments?|thanks|thank you|authors?|references|"
    r"about (?:me|us|the authors?)|bibliography|citations?|citing|cite|further reading|see also|sponsors?\w*|funding|"
    r"support us|get(?:ting)? (?:involved|in touch|help|support)|help|stay in touch|related (?:posts|articles)|"
    r"comments|footnotes?|copyright|code of conduct|maintainers?|stargazers|star history|table of contents|contents|"
    r"subscribe|newsletter|join us|call to action|conflicts? of interest|dependency diagram|badges|links|resources|"
    r"go from here)"
)
_FRAME = re.compile(
    rf"\W*(?:(?:our|the|project|source|additional|how to|want to|where to|where do i) )*{_MAKERS}"
    rf"(?:\W| (?:and|us|our|this|the|guide\w*|policy|projects?|channels?|to|agreement)\b| {_MAKERS})*",
    re.IGNORECASE,
)
# Sections that say which keys to press: true, but rarely what a page is shared for.
_MANUAL = re.compile(
    r"\W*(?:how to )?(?:(?:pip |local |docker )?install(?:ation|ing)?|get(?:ting)? started|quick ?start|set-? ?up|"
    r"usage|examples?|faq|prerequisites|compil(?:e|ing)|requirements|troubleshooting|appendix|try it|development|"
    r"running (?:the )?tests)\b(?:\W+\w+){0,3}\W*",
    re.IGNORECASE,
)
_MANUAL_WEIGHT = 0.75
_ENGLISH_PAGE = 0.18
_LOWER_CASE_START = re.compile(r"[a-z]+(?=[ ,:])")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted.

    `position` counts all sentences of the page, quotable or not, so that neighbours differ by one; `weight` (above 0,
    at most 1) is how gladly it is quoted for its form and section, `leans` whether it needs the sentence before it.
    """

    text: str
    snippet_id: str
    position: int
    weight: float
    leans: bool


def find_candidates(evidence: Evidence) -> tuple[Candidate, ...]:
    """Return the quotable sentences of `evidence` in the order of the page, each once."""
    on_english_page = english_share(evidence.text) >= _ENGLISH_PAGE
    names = frozenset(re.findall(r"[^\W_]+", f"{evidence.title} {evidence.url}".lower()))
    found: dict[str, Candidate] = {}
    for position, (snippet, sentence) in enumerate(_sentences(evidence)):
        if quotable.fault(sentence) or _lost_its_start(sentence, names):
            continue
        if not quotable.is_english(sentence, on_english_page=on_english_page):
            continue
        of_section = _MANUAL_WEIGHT if _MANUAL.fullmatch(snippet.section) else 1.0
        candidate = Candidate(
            text=sentence,
            snippet_id=snippet.id,
            position=position,
            weight=quotable.weight(sentence) * of_section,
            leans=quotable.leans_on_the_one_before(sentence),
        )
        found.setdefault(normalise_sentence(sentence), candidate)
    return tuple(found.values())


def _sentences(evidence: Evidence) -> Iterator[tuple[Snippet, str]]:
    """Yield all sentences but those of sections about the makers and of passages that give orders to a model."""
    for snippet, after in zip_longest(evidence.snippets, evidence.snippets[1:]):
        if _FRAME.fullmatch(snippet.section) or gives_orders(snippet.text):
            continue
        goes_on = after is not None and after.text[:1].islower()
        for unit in plain_units(snippet.text):
            sentences = split_sentences(unit)
            alone = len(sentences) == 1 and not goes_on
            yield from ((snippet, ended(sentence) if alone else sentence) for sentence in sentences)


def _lost_its_start(sentence: str, names: Collection[str]) -> bool:
    """Whether it begins in lower case with an ordinary word: the end of a sentence that a block of code cut in two."""
    first = _LOWER_CASE_START.match(sentence)
    return first is not None and first[0] not in names
