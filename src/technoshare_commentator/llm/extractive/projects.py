"""Which of the team's themes a page speaks to, and what somebody of that theme could do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technoshare_commentator.domain import GENERAL_THEME, Evidence, format_bullet
from technoshare_commentator.llm.extractive.aspects import Aspect, foremost
from technoshare_commentator.llm.extractive.vectors import similarities

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from technoshare_commentator.llm.extractive.candidates import Candidate
    from technoshare_commentator.prompts import ProjectContext, Theme

MIN_BULLETS, MAX_BULLETS = 3, 4
# Cosines between a page and a theme: pages about software reach 0.05 to 0.25 for their best theme, pages about soup or
# football stay below 0.03.
_FITS, _FITS_AS_SECOND = 0.035, 0.02
_NEAR_THE_BEST = 0.7
_TITLE_COUNTS = 3
_QUOTE_WORDS = 34
_QUOTE_FORM = 0.6
_CLAUSE_AND_PAGE, _CLAUSE_AND_QUOTE, _RANK, _ALREADY_QUOTED = 0.8, 0.4, 0.12, 0.05

# This model cannot know that a page solves a problem. It says where to hold the page against the team's work, and why
# there: no move claims more than that.
_MOVES_ON_PAINS = (
    "See whether this helps where {clause}.",
    "Bring it up in projects in which {clause}.",
    "Compare notes with a team that knows how it is when {clause}.",
    "Ask what it would change where {clause}.",
)
_MOVES_ON_GOALS = (
    "Check how far it takes us towards the aim that {clause}.",
    "Weigh it against our criterion that {clause}.",
    "Use it as a test case for the aim that {clause}.",
    "Ask what it adds to our ways to see to it that {clause}.",
)
_TAGS = {
    Aspect.FIGURES: "The figure to check",
    Aspect.LIMITS: "The condition to know",
    Aspect.NEW: "What is new",
    Aspect.HOW: "How it works",
    Aspect.WHAT: "In the page's words",
}
_LOOSE = "A loose fit, worth a look for those of us who work with {phrases}."
_LOOSE_PHRASES = 3
_PAGE_WORDS = 6000  # what a page is about is clear by then
_NO_THEME = "No theme of ours comes close to this page."


@dataclass(slots=True)
class _Reply:
    """What the bullets so far have used up; nothing is said twice."""

    clauses: set[str] = field(default_factory=set)
    sentences: set[str] = field(default_factory=set)
    moves: set[str] = field(default_factory=set)


def project_bullets(
    facts: Sequence[Candidate], shown: Collection[Candidate], evidence: Evidence, context: ProjectContext
) -> tuple[str, ...]:
    """Return bullets `**Theme** — what to do with it. Why: “a sentence of the page”`, the best theme first.

    `facts` come most important first; `shown` are those the reply shows already, which are quoted again only if they
    fit better. Bullets are general when no theme fits, and fewer when the page has too few sentences to quote.
    """
    usable = [fact for fact in facts if _is_quotable(fact)]
    page = " ".join([*[evidence.title] * _TITLE_COUNTS, *evidence.text.split()[:_PAGE_WORDS]])
    themes, loose = _fitting(page, context) if usable else ([], [])
    if not themes:
        return tuple(_general(usable))
    return tuple(_themed(themes, loose, usable, shown, page))


def _is_quotable(fact: Candidate) -> bool:
    return not fact.leans and fact.weight >= _QUOTE_FORM and len(fact.text.split()) <= _QUOTE_WORDS


def _fitting(page: str, context: ProjectContext) -> tuple[list[Theme], list[Theme]]:
    """The themes the page speaks to, best first, and a loose second one where only one does."""
    if not context.themes:
        return [], []
    fit = [round(float(row[0]), 6) for row in similarities([_description(theme) for theme in context.themes], [page])]
    order = sorted(range(len(fit)), key=lambda index: (-fit[index], index))
    best = fit[order[0]]
    near = [context.themes[index] for index in order if fit[index] >= max(_FITS, _NEAR_THE_BEST * best)][:MAX_BULLETS]
    loose = [context.themes[index] for index in order[1:2] if fit[index] >= _FITS_AS_SECOND and len(near) == 1]
    return near, loose


def _description(theme: Theme) -> str:
    """All a theme says about itself; what it is built with counts twice, because pages name tools and not pains."""
    return " ".join([theme.name, *theme.pains, *theme.stack, *theme.stack, *theme.success_criteria, theme.positioning])


def _themed(
    themes: Sequence[Theme],
    loose: Sequence[Theme],
    usable: Sequence[Candidate],
    shown: Collection[Candidate],
    page: str,
) -> Iterator[str]:
    """Yield a bullet a theme, then more on the best until there are `MIN_BULLETS`, each with clause and quotation."""
    reply = _Reply()
    loosely = [bullet for theme in loose if (bullet := _loose_bullet(theme, usable, reply))]
    wanted = max(MIN_BULLETS - len(loosely), len(themes))
    for turn in range(wanted):
        theme = themes[turn % len(themes)]
        clauses = [clause for clause in (*theme.pains, *theme.success_criteria) if clause not in reply.clauses]
        quotes = [fact for fact in usable if fact.text not in reply.sentences]
        if clauses and quotes:
            clause, quote = _best_pair(theme, clauses, quotes, shown, page)
            reply.sentences.add(quote.text)
            yield format_bullet(theme.name, f"{_move(theme, clause, reply)} {_quotation(quote)}")
    yield from loosely


def _move(theme: Theme, clause: str, reply: _Reply) -> str:
    moves = _MOVES_ON_PAINS if clause in theme.pains else _MOVES_ON_GOALS
    move = next((move for move in moves if move not in reply.moves), moves[0])
    reply.clauses.add(clause)
    reply.moves.add(move)
    return move.format(clause=_inner(clause))


def _loose_bullet(theme: Theme, usable: Sequence[Candidate], reply: _Reply) -> str:
    """Return a bullet on tools of the theme that a sentence of the page names; empty when none names enough of them."""
    entries = [entry.strip() for line in theme.stack for entry in line.split(",")]
    for fact in usable:
        named = [
            entry for entry in entries if re.search(rf"(?<![\w-]){re.escape(entry)}(?![\w-])", fact.text, re.IGNORECASE)
        ]
        named = [
            entry for entry in named if not any(entry != other and entry.lower() in other.lower() for other in named)
        ]
        if len(named) >= _LOOSE_PHRASES or any(" " in entry for entry in named):
            reply.sentences.add(fact.text)
            return format_bullet(
                theme.name, f"{_LOOSE.format(phrases=_listed(named[:_LOOSE_PHRASES]))} {_quotation(fact)}"
            )
    return ""


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _best_pair(
    theme: Theme, clauses: Sequence[str], quotes: Sequence[Candidate], shown: Collection[Candidate], page: str
) -> tuple[str, Candidate]:
    """The clause of the theme and the sentence of the page that suit each other, the page and the theme best."""
    texts = [quote.text for quote in quotes]
    of_theme = similarities([_description(theme)], texts)[0]
    of_page = similarities(clauses, [page])[:, 0]
    of_clause = similarities(clauses, texts)

    def value(clause: int, quote: int) -> float:
        fit = of_theme[quote] + _CLAUSE_AND_PAGE * of_page[clause] + _CLAUSE_AND_QUOTE * of_clause[clause][quote]
        rank = _RANK * (1.0 - quote / len(quotes))
        return round(float(fit * quotes[quote].weight + rank - _ALREADY_QUOTED * (quotes[quote] in shown)), 6)

    pairs = [(value(clause, quote), -quote, -clause) for clause in range(len(clauses)) for quote in range(len(quotes))]
    _, quote, clause = max(pairs)
    return clauses[-clause], quotes[-quote]


def _general(usable: Sequence[Candidate]) -> Iterator[str]:
    """Up to `MIN_BULLETS` bullets that belong to no theme, each on another aspect."""
    by_aspect: dict[Aspect, Candidate] = {}
    for fact in usable:
        by_aspect.setdefault(foremost(fact.text), fact)
    for fact in list(by_aspect.values())[:MIN_BULLETS]:
        yield format_bullet(GENERAL_THEME, f"{_NO_THEME} {_quotation(fact)}")


def _quotation(fact: Candidate) -> str:
    return f"{_TAGS[foremost(fact.text)]}: “{fact.text}”"


def _inner(clause: str) -> str:
    """A pain or criterion as the end of a sentence that goes on after it."""
    clause = " ".join(clause.split()).rstrip(".;:,")
    starts_a_name = len(clause) > 1 and clause[1:2].isupper()
    return clause if starts_a_name else clause[:1].lower() + clause[1:]
