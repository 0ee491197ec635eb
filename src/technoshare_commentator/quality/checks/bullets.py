"""How project bullets and similar technology are built, and whether the themes are the team's own."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from technoshare_commentator.domain import BULLET_SEPARATOR, GENERAL_THEME, split_bullet
from technoshare_commentator.quality.rule_input import counted, quoted
from technoshare_commentator.quality.theme_words import theme_weights
from technoshare_commentator.sentences import count_sentences, ending_fault, normalise_sentence, sentence_fault
from technoshare_commentator.vocabulary import FUNCTION_WORDS, word_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from technoshare_commentator.quality.rule_input import RuleInput

PROJECT_BULLETS = (3, 8)
MOST_SIMILAR_TECH = 8
LEAST_KNOWN_THEMES = 2
_LEAST_ACTION_WORDS = 3
_LEAST_OWN_WORDS = 2
# By how much the wording of an action must speak more of another theme than of its own before it stands under the
# wrong one. A word that a single theme has weighs two. Among two hundred good bullets, a quarter of them in people's
# own words, the largest difference was 4.6; bullets that quote the context under another theme mostly exceed 6.
THEME_MARGIN = 6.0
_QUOTATION = re.compile(r"[\u201c\"][^\u201c\u201d\"]*[\u201d\"]?")
# Words with which an action can be made for any page at all.
_EMPTY_WORDS = FUNCTION_WORDS | word_set("""
    action actions add approach approaches area aspect aspects beneficial benefit benefits check client clients
    colleagues come comes consider could current development developments different discuss even exciting explore
    eye fit fits future general good great have help helpful helps idea ideas interest interesting investigate keep
    know like look looking looks make mind nice need needs new next page possible potential potentially project
    projects read really relevant see several should something stuff take team teams technology thing things think
    today tool tools topic try use used useful uses using valuable value way ways work works worth would
""")


def theme_prefix(given: RuleInput) -> Iterator[str]:
    """Three to eight project bullets, each `**Theme** — action`."""
    low, high = PROJECT_BULLETS
    bullets = given.commentary.projects
    if not low <= len(bullets) <= high:
        yield f"there {_are(len(bullets), 'project bullet')}; {low} to {high} are wanted"
    for place, bullet in enumerate(bullets, start=1):
        head, action = split_bullet(bullet) or ("", "")
        if not _is_plain(head):
            yield f"project bullet {place} is not of the form '**Theme**{BULLET_SEPARATOR}action': {quoted(bullet)}"
        elif len(normalise_sentence(action).split()) < _LEAST_ACTION_WORDS:
            yield f"project bullet {place} names no action: {quoted(bullet)}; it says what to do with the page"
        elif len(_words(action) - _EMPTY_WORDS - _words(head) - _words(given.evidence.title)) < _LEAST_OWN_WORDS:
            yield f"project bullet {place} would fit every page: {quoted(bullet)}; it says what to do with this one"
        elif fault := ending_fault(action):
            yield f"project bullet {place} {fault}: {quoted(bullet)}; its action is made of full sentences"


def theme_known(given: RuleInput) -> Iterator[str]:
    """Themes come from the context file or are General, some are the team's own, and no action comes twice."""
    known = given.context.theme_names
    bullets = _taken_apart(given.commentary.projects)
    for place, (theme, _) in bullets.items():
        if theme not in (*known, GENERAL_THEME):
            near = get_close_matches(theme[:200], known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"the context file names {', '.join(known) or 'none'}"
            yield f"project bullet {place} has the unknown theme {quoted(theme)}; {hint}"
    own = sum(theme in known for theme, _ in bullets.values())
    if known and own < LEAST_KNOWN_THEMES:
        those = f"{_are(own, 'project bullet')} on a theme of the context file"
        yield f"there {those}; at least {LEAST_KNOWN_THEMES} are wanted"
    actions = {place: action for place, (_, action) in bullets.items()}
    yield from _repeats("project bullet", actions, "the action")


def theme_fits(given: RuleInput) -> Iterator[str]:
    """The wording of an action does not speak of another theme far more than of the one it stands under."""
    for place, (theme, action) in _taken_apart(given.commentary.projects).items():
        weights = theme_weights(_QUOTATION.sub(" ", action), given.context)
        nearest = max(weights, key=lambda name: weights[name], default=theme)
        if theme in weights and weights[nearest] - weights[theme] >= THEME_MARGIN:
            yield (
                f"project bullet {place} stands under {theme!r} and speaks of {nearest!r}: {quoted(action)}; "
                "a bullet stands under the theme it serves"
            )


def similar_tech_format(given: RuleInput) -> Iterator[str]:
    """At most eight bullets of similar technology, each `**Name** — one sentence`, no name twice."""
    bullets = given.commentary.similar_tech
    if len(bullets) > MOST_SIMILAR_TECH:
        yield f"there {_are(len(bullets), 'bullet')} of similar technology; at most {MOST_SIMILAR_TECH} are wanted"
    for place, bullet in enumerate(bullets, start=1):
        name, text = split_bullet(bullet) or ("", "")
        if not _is_plain(name):
            form = f"'**Name**{BULLET_SEPARATOR}one sentence'"
            yield f"similar technology {place} is not of the form {form}: {quoted(bullet)}"
        elif (count := count_sentences(text)) != 1:
            yield f"similar technology {place} holds {count} sentences: {quoted(text)}; it is one sentence"
        elif fault := sentence_fault(text):
            yield f"similar technology {place} {fault}: {quoted(text)}; it is one full sentence"
    names = {place: name for place, (name, _) in _taken_apart(bullets).items()}
    yield from _repeats("similar technology", names, "the name")


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise_sentence(text).split())


def _taken_apart(bullets: Iterable[str]) -> dict[int, tuple[str, str]]:
    """Return name and text of the well-formed bullets by their place; the others are another rule's concern."""
    return {place: parts for place, bullet in enumerate(bullets, start=1) if (parts := split_bullet(bullet))}


def _are(number: int, noun: str) -> str:
    return f"{'is' if number == 1 else 'are'} {counted(number, noun)}"


def _is_plain(head: str) -> bool:
    return bool(head) and head == head.strip() and "*" not in head


def _repeats(what: str, texts: Mapping[int, str], part: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for place, text in texts.items():
        first = seen.setdefault(normalise_sentence(text), place)
        if first != place:
            yield f"{what} {place} repeats {part} of {first}: {quoted(text)}; each says something of its own"
