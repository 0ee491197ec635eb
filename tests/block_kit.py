"""What Slack would make of a message: its documented limits of Block Kit, and which of a text's marks would act.

Written from https://docs.slack.dev/reference/block-kit and https://docs.slack.dev/messaging/formatting-message-text,
and on purpose without anything of the renderer, so that the two can disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MOST_BLOCKS = 50
LONGEST_TEXT = 40_000
_TEXT_LIMITS = {"section": 3000, "header": 150, "context": 3000}
_MOST_CONTEXT_ELEMENTS = 10
_BLOCK_KEYS = {
    "section": {"type", "text", "block_id"},
    "header": {"type", "text", "block_id"},
    "context": {"type", "elements", "block_id"},
    "divider": {"type", "block_id"},
}
_TEXT_KEYS = {"mrkdwn": {"type", "text", "verbatim"}, "plain_text": {"type", "text", "emoji"}}

_ANGLES = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"https?://[^\s|]+\|[^|]+")
_BARE_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
_PLAIN_MENTION = re.compile(r"@(?:here|channel|everyone)\b", re.IGNORECASE)
_CODE = re.compile(r"`[^`\n]+`")
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NO_WORD_BEFORE = r"(?<![A-Za-z0-9])"
_NO_WORD_AFTER = r"(?![A-Za-z0-9])"
_FORMATS = {
    name: re.compile(rf"{_NO_WORD_BEFORE}{mark}(?=\S)([^{mark}\n]+)(?<=\S){mark}{_NO_WORD_AFTER}")
    for name, mark in (("bold", r"\*"), ("italic", "_"), ("strike", "~"))
}


def block_errors(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every documented rule that `blocks` break."""
    errors = [f"{len(blocks)} blocks, at most {MOST_BLOCKS}"] if len(blocks) > MOST_BLOCKS else []
    for index, block in enumerate(blocks):
        errors += [f"block {index}: {error}" for error in _errors_of_block(block)]
    return errors


def markup_errors(text: str) -> list[str]:
    """Whatever in mrkdwn is no plain text, escape or link: mentions, stray angles, half escapes, unseen characters."""
    errors = [f"not a link: <{found}>" for found in _ANGLES.findall(text) if not _LINK.fullmatch(found)]
    without_links = _ANGLES.sub("\ufffc", text)
    errors += [f"unescaped {character!r}" for character in "<>" if character in without_links]
    errors += [f"unescaped & at {match.start()}" for match in _BARE_ENTITY.finditer(text)]
    errors += [f"mention {found}" for found in _PLAIN_MENTION.findall(without_links)]
    return errors + [f"unseen {found!r}" for found in _UNSEEN.findall(text)]


def formatted(text: str, name: str) -> list[str]:
    """Find the passages that Slack shows as `name`: bold, italic or strike; inside code nothing is."""
    return _FORMATS[name].findall(_CODE.sub("\ufffc", _ANGLES.sub("\ufffc", text)))


def links(text: str) -> list[tuple[str, str]]:
    """Target and label of every link in mrkdwn."""
    return [(found.partition("|")[0], found.partition("|")[2]) for found in _ANGLES.findall(text)]


def _errors_of_block(block: Mapping[str, Any]) -> Iterator[str]:
    kind = block.get("type")
    if kind not in _BLOCK_KEYS:
        yield f"unknown type {kind!r}"
        return
    if unknown := block.keys() - _BLOCK_KEYS[kind]:
        yield f"unknown keys {sorted(unknown)}"
    if kind == "divider":
        return
    texts = block.get("elements", []) if kind == "context" else [block.get("text")]
    if not 1 <= len(texts) <= _MOST_CONTEXT_ELEMENTS:
        yield f"{len(texts)} elements, 1 to {_MOST_CONTEXT_ELEMENTS} allowed"
    for text in texts:
        yield from _errors_of_text(text, kind)


def _errors_of_text(text: Any, kind: str) -> Iterator[str]:
    if not isinstance(text, Mapping) or text.get("type") not in _TEXT_KEYS:
        yield f"no text object: {text!r}"
        return
    if unknown := text.keys() - _TEXT_KEYS[text["type"]]:
        yield f"unknown keys {sorted(unknown)} in a text object"
    if kind == "header" and text["type"] != "plain_text":
        yield "a header must be plain_text"
    if not 1 <= len(text.get("text", "")) <= _TEXT_LIMITS[kind]:
        yield f"a text of {len(text.get('text', ''))} characters, 1 to {_TEXT_LIMITS[kind]} allowed"
