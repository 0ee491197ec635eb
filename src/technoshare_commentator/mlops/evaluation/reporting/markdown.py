"""Markdown as GitHub renders it, around text of strangers that can neither get out of its place nor pass for markup.

Characters with a meaning become numeric references. These are text by definition, inside HTML as well
(https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references), so that one way of escaping holds for
paragraphs, lists, cells and what stands in HTML. Secrets are blotted out before, where they can still be recognised.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MEANINGFUL = re.compile(
    r"[$&*<>@\[\\\]`|~]"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # inside a word it is one of its letters
    r"|:(?!\s)|(?<=www)\.",  # what makes a link of an address, or a picture of a word
    re.IGNORECASE,
)
_AT_THE_START = re.compile(r"^[^A-Za-z&]")  # what may begin a list, a heading, a rule
_NOBODY = "&#64;&#8203;"  # an @ that calls nobody: the space behind it has no width
_LINES = re.compile(r"\r\n?|\n")
_BACKTICKS = re.compile(r"`+")
_SHORTEST_FENCE = 3
_REDACTOR = Redactor()


def prose(text: str, limit: int = 600) -> str:
    """Text of strangers in one line of prose, cut after `limit` characters."""
    return _AT_THE_START.sub(_reference, _escaped(text, limit)).replace("&#64;", _NOBODY)


def code(text: str, limit: int = 200) -> str:
    """Text of strangers in one line of code, cut after `limit` characters; nothing where there is none."""
    escaped = _escaped(text, limit)
    return f"<code>{escaped}</code>" if escaped else ""


def fenced(text: str, limit: int = 2000) -> str:
    """Text of strangers in a block of code, cut after `limit` characters; nothing where there is none."""
    lines = [_kept_indented(line) for line in _LINES.split(_REDACTOR.text(text))]
    content = _cut("\n".join(lines).strip("\n"), limit)
    if not content.strip():
        return ""
    longest = max((len(run) for run in _BACKTICKS.findall(content)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return f"{fence}text\n{content}\n{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; all columns but the first are of numbers."""
    ruler = [":--", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ruler, *rows))


def details(summary: str, content: str) -> str:
    """Content behind a line that unfolds it; `summary` is HTML, `content` Markdown."""
    return f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _escaped(text: str, limit: int) -> str:
    line = _cut(visible_line(_REDACTOR.text(text)), limit)
    return _MEANINGFUL.sub(_reference, line)


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def _kept_indented(line: str) -> str:
    """A line without what nobody sees, and with its white space."""
    return "".join(" " if one.isspace() else one if one.isprintable() else visible_line(one) for one in line)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
