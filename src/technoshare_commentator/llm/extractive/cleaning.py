"""From the Markdown of a snippet to plain units of prose: what a reader would see, `code` kept."""

from __future__ import annotations

import re

_CODE = re.compile(r"(`+[^`\n]+`+)")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_SKIPPED = re.compile(r"\s*(?:#{1,6}\s|\||\+[-=+]{3,}|\[![A-Z]+\]|={3,}|-{3,}$|\.\. )")
_ITEM = re.compile(r"\s*(?:[-*+\u2022\u2023]|\(?\d{1,3}[.)])\s+")
_QUOTE = re.compile(r"^\s*(?:>\s?)+")
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])")
_LINK = re.compile(r"\[([^\[\]]+)\](?:\((?:[^()]|\([^()]{0,200}\)){0,500}\)|\[[^\[\]]{0,200}\])")
_NOTE = re.compile(r"\s?\[(?:\^[^\[\]]{1,30}|\d{1,3}(?:\s?[,\u2013-]\s?\d{1,3})*)\]")
_BOLD = re.compile(r"\*\*|(?<![\w_])__(?=\S)([^_\n]{1,80} [^_\n]{1,200})(?<=\S)__(?![\w_])")
_EMPHASIS = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=[^\s_])([^_\n]*[^_\s])_(?![\w_])")
_ESCAPED = re.compile(r"\\([*_`\[\]()#+.!<>~|-])")
_KEPT = 0xE000  # characters of private use stand for escaped ones while marks are taken off
_UNESCAPED = re.compile(f"[{chr(_KEPT)}-{chr(_KEPT + 0x7F)}]")
_TYPOGRAPHY = str.maketrans({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-", 0x2014: "-"})
_RST_CODE = re.compile(r"``([^`\n]+)``")


def plain_units(text: str) -> tuple[str, ...]:
    """Cut a snippet at its lines into paragraphs and list items, in order, and take the Markdown off each.

    Headings, tables, rules and fenced code are left out. Nothing is rewritten: what remains is text of the snippet.
    """
    units: list[list[str]] = [[]]
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
            units.append([])
            continue
        content = _QUOTE.sub("", line)
        if fenced or not content.strip() or _SKIPPED.match(content):
            units.append([])
            continue
        if item := _ITEM.match(content):
            units.append([])
            content = content[item.end() :]
        units[-1].append(content.strip())
    return tuple(unit for lines in units if (unit := plain_text(" ".join(lines))))


def plain_text(text: str) -> str:
    """Take links, images, footnote marks and emphasis off a line of Markdown; what stands in backquotes stays."""
    text = _NOTE.sub("", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    parts = _CODE.split(_RST_CODE.sub(r"`\1`", text))
    parts[::2] = [_without_emphasis(part) for part in parts[::2]]
    return " ".join("".join(parts).split())


def prose(text: str) -> str:
    """Put a plain word in the place of everything in backquotes and plain quotes and dashes for curly and long ones.

    Rules about wording are applied to this, so that they need to know one apostrophe and no code.
    """
    return _CODE.sub("something", text).translate(_TYPOGRAPHY)


def code_spans(text: str) -> tuple[str, ...]:
    """Return what stands in backquotes, without them."""
    return tuple(span.strip("`") for span in _CODE.findall(text))


def _without_emphasis(text: str) -> str:
    text = _ESCAPED.sub(lambda match: chr(_KEPT + ord(match[1])), text)
    text = _BOLD.sub(lambda match: match[1] or "", text)
    text = _EMPHASIS.sub(lambda match: match[1] or match[2], text)
    return _UNESCAPED.sub(lambda match: chr(ord(match[0]) - _KEPT), text)
