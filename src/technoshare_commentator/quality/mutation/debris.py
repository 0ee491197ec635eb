"""What models leave in their answers: other languages, placeholders, JSON, our prompt, talk about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.domain import format_bullet, split_bullet
from technoshare_commentator.quality.mutation import words
from technoshare_commentator.quality.mutation.mutation import (
    ALL_SECTIONS,
    edited,
    mutation,
    spots,
    with_item,
    with_summary_item,
    without_stop,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from technoshare_commentator.domain import LinkResult

_MENTIONS = ("@here", "@channel", "@everyone", "<!channel>", "<!here>", "<@U024BE7LH>", "<!subteam^S0123|admins>")
_MOJIBAKE = (
    ("\u2019", "\u00e2\u20ac\u2122"),
    ("'", "\u00e2\u20ac\u2122"),
    ("\u00e9", "\u00c3\u00a9"),
    ("\u2014", "\u00e2\u20ac\u201d"),
    ("-", "\ufffd"),
    (" ", " \ufffd "),
)


@mutation
def english_replaced(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item is written in another language."""
    found = spots(result, rng, ALL_SECTIONS)
    if not found:
        return None
    sentence = rng.choice(words.OTHER_LANGUAGES)
    parts = split_bullet(found[0].text)
    return with_item(result, found[0], format_bullet(parts[0], sentence) if parts else sentence)


@mutation
def placeholder_text(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item is a placeholder that nobody filled in."""
    return _planted(result, rng, words.PLACEHOLDERS)


@mutation
def meta_talk(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item talks about the assistant or the task instead of the page."""
    return _planted(result, rng, words.META_TALK)


@mutation
def prompt_leaked(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item holds the words of our own prompt."""
    return _planted(result, rng, words.PROMPT_TALK)


@mutation
def echoed_instruction(result: LinkResult, rng: Random) -> LinkResult | None:
    """An instruction to assistants went from a page into the commentary."""
    return _planted(result, rng, words.INSTRUCTIONS)


@mutation
def snippet_id_leaked(result: LinkResult, rng: Random) -> LinkResult | None:
    """A sentence cites a snippet by the id that only we know."""
    ids = [snippet.id for snippet in result.evidence.snippets] if result.evidence else []
    cite = rng.choice(("[{}]", "({})", "[Snippet {}]", "(snippets {}, {})", "【{}】"))

    def change(text: str, dice: Random) -> str | None:
        return f"{without_stop(text)} {cite.format(dice.choice(ids), dice.choice(ids))}." if ids else None

    return edited(result, rng, change)


@mutation
def json_leaked(result: LinkResult, rng: Random) -> LinkResult | None:
    """Pieces of the JSON object stand in an item."""
    forms = ('{{"tldr": ["{}"', '{}", "summary": [', '"{}",', '{}"]}}', "{}\\n\\n", '"text": "{}"')
    form = rng.choice(forms)
    return edited(result, rng, lambda text, _: form.format(text), ALL_SECTIONS)


@mutation
def markdown_leaked(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item holds Markdown that is no bold name: headings, fences, tables, images, emphasis left open."""
    blocks = ("## {}", "```{}```", "| {} | yes |", "![figure](figure.png) {}", "> {}", "{}\u00a0---")
    form = rng.choice((*blocks, "**{}", "<b>{}</b>", "{}<br>"))
    return edited(result, rng, lambda text, _: form.format(text))


@mutation
def mojibake(result: LinkResult, rng: Random) -> LinkResult | None:
    """Characters of an item were decoded wrongly."""

    def change(text: str, dice: Random) -> str | None:
        found = [(good, bad) for good, bad in _MOJIBAKE if good in text]
        if not found:
            return None
        good, bad = dice.choice(found)
        return text.replace(good, bad, 1)

    return edited(result, rng, change, ALL_SECTIONS)


@mutation
def mention_in_item(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item calls people of the workspace."""
    mention = rng.choice(_MENTIONS)
    return edited(result, rng, lambda text, _: f"{without_stop(text)}, {mention}.", ALL_SECTIONS)


@mutation
def invented_link(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item links to an address that the page does not hold."""
    link = rng.choice(words.LINKS)
    return edited(result, rng, lambda text, _: f"{without_stop(text)}, see {link}.", ALL_SECTIONS)


def _planted(result: LinkResult, rng: Random, sentences: Sequence[str]) -> LinkResult | None:
    """Put one of `sentences` in place of an item, or beside the others of the summary."""
    sentence = rng.choice(sentences)
    found = spots(result, rng, ALL_SECTIONS)
    if not found or rng.random() < 1 / 2:
        return with_summary_item(result, rng, sentence)
    parts = split_bullet(found[0].text)
    return with_item(result, found[0], format_bullet(parts[0], sentence) if parts else sentence)
