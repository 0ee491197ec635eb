"""A commentary as a Slack message: mrkdwn text, and the same sections as Block Kit blocks.

Slack's limits (https://docs.slack.dev/reference/block-kit/blocks and chat.postMessage): 3,000 characters a text
object, 50 blocks, 40,000 characters of text. They hold by construction: an item is cut to fit one block, a section to
its share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from technoshare_commentator.domain import (
    SECTION_SEPARATOR,
    SECTION_TITLES,
    Commentary,
    Coverage,
    Evidence,
    Job,
    SlackMessage,
)
from technoshare_commentator.slack.mrkdwn import as_literal, page_link, to_mrkdwn
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BULLET = "• "
NOTHING_COMPARABLE = "_Nothing comparable is named on the page._"
NOTHING_WRITTEN = "_Nothing was written._"

TEXT_OBJECT_LIMIT = 3000
_ITEM_LIMIT = TEXT_OBJECT_LIMIT - 100  # leaves room for the section's title
# Four sections and their separators stay below 40,000 characters, and no section needs more than seven blocks: two
# neighbouring blocks always hold more than 3,000 characters together.
_SECTION_LIMIT = 9000
_TITLE_LIMIT = 150
_REASON_LIMIT = 300


def render_message(job: Job, evidence: Evidence, commentary: Commentary) -> SlackMessage:
    """Return the reply to `job`: the commentary as `text`, and the same below a link to its page as `blocks`."""
    parts = (commentary.tldr, commentary.summary, commentary.projects, commentary.similar_tech)
    empty = (NOTHING_WRITTEN, NOTHING_WRITTEN, NOTHING_WRITTEN, NOTHING_COMPARABLE)
    sections = [_section(*section) for section in zip(SECTION_TITLES, parts, empty, strict=True)]
    return SlackMessage(
        channel_id=job.channel_id,
        thread_ts=job.message_ts,
        text=SECTION_SEPARATOR.join("\n".join(lines) for lines in sections),
        blocks=(_source_block(evidence), *(_section_block(text) for lines in sections for text in _packed(lines))),
    )


def _section(title: str, items: Iterable[str], empty: str) -> list[str]:
    lines = [f"{BULLET}{line}" for item in items if (line := _fitted(item, _ITEM_LIMIT, to_mrkdwn))]
    room = _SECTION_LIMIT
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            lines[count:] = [f"_… and {len(lines) - count} more._"]
            break
    return [f"*{title}*", *(lines or [empty])]


def _fitted(text: str, limit: int, render: Callable[[str], str]) -> str:
    """Render `text`, cut at a word and marked with an ellipsis when the result would exceed `limit` characters."""
    source = visible_line(text)
    rendered = render(source)
    while len(rendered) > limit:
        # Escapes make the result longer than its source, so the share that fits is estimated and tried again.
        source = _cut(source, min(len(source) - 2, len(source) * limit // len(rendered)))
        rendered = render(source)
    return rendered


def _cut(source: str, length: int) -> str:
    cut = source[:length]
    words, space, _ = cut.rpartition(" ")
    at_word = space and len(words) > length // 2
    return f"{(words if at_word else cut).rstrip(' …')}…"


def _packed(lines: list[str]) -> list[str]:
    """Join lines to as few texts as hold them in order within Slack's limit."""
    texts = [lines[0]]
    for line in lines[1:]:
        joined = f"{texts[-1]}\n{line}"
        if len(joined) <= TEXT_OBJECT_LIMIT:
            texts[-1] = joined
        else:
            texts.append(line)
    return texts


def _source_block(evidence: Evidence) -> dict[str, Any]:
    url = evidence.final_url or evidence.url
    title = _shortened(evidence.title, _TITLE_LIMIT) or _shortened(url, _TITLE_LIMIT) or "Untitled page"
    reading = f"{as_literal(evidence.adapter_name)} · {evidence.coverage} coverage"
    if evidence.coverage is not Coverage.FULL and evidence.coverage_reason:
        reading = f"{reading}: {as_literal(_shortened(evidence.coverage_reason, _REASON_LIMIT))}"
    return {"type": "context", "elements": [_text(page_link(url, title)), _text(reading)]}


def _shortened(text: str, limit: int) -> str:
    line = visible_line(text)
    return line if len(line) <= limit else _cut(line, limit - 1)


def _section_block(text: str) -> dict[str, Any]:
    return {"type": "section", "text": _text(text)}


def _text(text: str) -> dict[str, Any]:
    # Verbatim: Slack makes no links, channel names or mentions of its own from plain text.
    return {"type": "mrkdwn", "text": text, "verbatim": True}
