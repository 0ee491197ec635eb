"""Markdown, as repositories and notes hold it: rendered, then read like any other markup."""

from __future__ import annotations

import re

from technoshare_commentator.retrieval.extraction.clean_text import tidy
from technoshare_commentator.retrieval.extraction.document import Document, Kind
from technoshare_commentator.retrieval.extraction.formats.html import read_fragment

# GitHub's alerts (`> [!NOTE]`), emoji names (`:rocket:`), heading anchors of documentation builders (`[[name]]`,
# `{#name}`) and template statements of static site builders are markup that Markdown itself does not know.
_ALERT = re.compile(r"^(\s*>\s*)\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]", re.MULTILINE | re.IGNORECASE)
_EMOJI_NAME = re.compile(r"(?<![\w:]):[a-z][a-z0-9_+-]{1,40}:(?![\w:])")
_FRONT_MATTER = re.compile(
    r"\A(?:\ufeff)?(---|\+\+\+)[ \t]*\r?\n(?=[ \t]*[\w\"-]+[ \t]*[:=])(.*?)\r?\n\1[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_FRONT_MATTER_TITLE = re.compile(r"^title\s*[:=]\s*(.+)$", re.MULTILINE)


def read_markdown(text: str) -> Document:
    """Read a Markdown file; front matter is not prose but may give the title."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only reading Markdown needs it

    title, body = _without_front_matter(text)
    body = _EMOJI_NAME.sub("", _ALERT.sub(r"\1", body))
    rendered = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(body)
    blocks = read_fragment(str(rendered))
    top = next((block.text for block in blocks if block.kind is Kind.HEADING and block.level == 1), "")
    return Document(title=title or top, blocks=blocks)


def _without_front_matter(text: str) -> tuple[str, str]:
    found = _FRONT_MATTER.match(text)
    if not found:
        return "", text
    title = _FRONT_MATTER_TITLE.search(found.group(2))
    return (tidy(title.group(1).strip().strip("\"'")) if title else ""), text[found.end() :]
