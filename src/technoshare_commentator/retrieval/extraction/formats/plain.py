"""Plain text: hard-wrapped lines joined to paragraphs, bullets kept apart, a mail-like head read as metadata."""

from __future__ import annotations

import re

from technoshare_commentator.retrieval.extraction.clean_text import tidy, visible_text
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind

_HEADER = re.compile(r"([A-Za-z][A-Za-z][A-Za-z -]{0,28}):[ \t]+(\S.*)")
_BULLET = re.compile(r"[ \t]*(?:[-*+•‣◦\u2013]|\(?\d{1,3}[.)])[ \t]+(?=\S)")
_UNDERLINE = re.compile(r"[ \t]*([=\-~^#*_])\1{2,}[ \t]*")
_PARAGRAPH_BREAK = re.compile(r"\n[ \t]*\n")
_HYPHENATED = re.compile(r"(?<=[a-z])-\n[ \t]*(?=[a-z])")
_ENDS = (".", "!", "?", ":", ";", ",", "…", "。")
_HEADING_LENGTH = 80
_LEAST_HEADERS = 2


def read_plain(text: str) -> Document:
    """Read plain text; `Title: …` and other `Key: value` lines at the top become title and metadata, not prose."""
    lines = visible_text(text.replace("\r\n", "\n").replace("\r", "\n"))
    headers, body = _split_headers(lines)
    blocks = tuple(block for part in _PARAGRAPH_BREAK.split(body) for block in _blocks(part))
    title = headers.pop("title", "") or headers.pop("subject", "")
    if not title and blocks and blocks[0].kind is Kind.HEADING:
        title = blocks[0].text
    return Document(title=title, blocks=blocks, metadata=headers)


def _split_headers(text: str) -> tuple[dict[str, str], str]:
    """Take off the first lines when they are at least two `Key: value` lines, or one that says `Title:`."""
    head, _, rest = text.lstrip("\n").partition("\n\n")
    found: dict[str, str] = {}
    key = ""
    for line in head.split("\n"):
        header = _HEADER.fullmatch(line.rstrip())
        if header:
            key = header.group(1).lower().replace(" ", "_").replace("-", "_")
            found[key] = tidy(header.group(2))
        elif key and line.startswith((" ", "\t")):
            found[key] = f"{found[key]} {tidy(line)}"
        else:
            return {}, text
    if len(found) >= _LEAST_HEADERS or "title" in found:
        return found, rest
    return {}, text


def _blocks(paragraph: str) -> list[Block]:
    lines = paragraph.split("\n")
    if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]) and lines[0].strip():
        return [Block(Kind.HEADING, tidy(lines[0]), level=1 if "=" in lines[1] else 2), *_blocks("\n".join(lines[2:]))]
    groups: list[tuple[Kind, list[str]]] = []
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet:
            groups.append((Kind.ITEM, [line[bullet.end() :]]))
        elif groups:
            groups[-1][1].append(line)
        else:
            groups.append((Kind.PROSE, [line]))
    blocks = [Block(kind, clean) for kind, part in groups if (clean := tidy(_HYPHENATED.sub("-", "\n".join(part))))]
    if len(blocks) == 1 and len([line for line in lines if line.strip()]) == 1 and _is_heading(blocks[0]):
        return [Block(Kind.HEADING, blocks[0].text, level=2)]
    return blocks


def _is_heading(block: Block) -> bool:
    words = block.text.split()
    return (
        block.kind is Kind.PROSE
        and len(block.text) <= _HEADING_LENGTH
        and not block.text.endswith(_ENDS)
        and (words[0][0].isupper() or words[0][0].isdigit())
    )
