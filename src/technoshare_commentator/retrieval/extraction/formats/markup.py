"""One walk over a tree of HTML (or of trafilatura's own tags) that gives its blocks in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from technoshare_commentator.retrieval.extraction.clean_text import tidy, tidy_heading
from technoshare_commentator.retrieval.extraction.document import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING_LEVELS = {**{f"h{level}": level for level in range(1, 7)}, "head": 2}
_ITEMS = frozenset({"li", "item", "dd"})
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "lb"})
_LINKS = frozenset({"a", "ref"})
_BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "center", "details", "div", "dl", "footer"),
        *("header", "hr", "html", "list", "main", "ol", "p", "quote", "section", "summary", "table", "tbody", "tfoot"),
        *("thead", "tr", "row", "ul"),
    }
)
_DROPPED_BLOCKS = frozenset(
    {
        *("pre", "figure", "figcaption", "caption", "form", "nav", "dialog", "iframe", "object", "video", "audio"),
        *("canvas", "noscript", "template", "dt", "fieldset", "textarea", "select"),
    }
)
_DROPPED_INLINE = frozenset(
    {
        *("script", "style", "svg", "math", "img", "graphic", "picture", "embed", "button", "input", "map", "title"),
        *("meta", "link", "rt", "rp", "del", "s"),
    }
)
_DROPPED = _DROPPED_BLOCKS | _DROPPED_INLINE
_LINE_HOLDERS = frozenset({"body", "div", "section", "article", "main", "quote", "blockquote", "td", "cell"})
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_ALL_CODE = 0.9  # a paragraph or item of inline code and nothing else is a command or a name
# <br> has no character of its own; two of them in a row part paragraphs on pages older than CSS.
_BREAK = "\x1e"
_PARAGRAPHS = re.compile(rf"{_BREAK}[\s{_BREAK}]*{_BREAK}")


def blocks_of(root: Any) -> tuple[Block, ...]:
    """Return the blocks of an lxml tree whose comments and hidden elements are already gone.

    Code blocks, images, forms, captions and navigation are left out; link targets are, their text is not.
    """
    return tuple(_Walk().run(root))


class _Walk:
    """The state of one walk: what encloses the reading point, and the text since the last block boundary."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._text: list[str] = []
        self._linked = self._coded = 0
        self._in_link = self._in_code = 0

    def run(self, root: Any) -> Iterator[Block]:
        from lxml import etree  # noqa: PLC0415 - only reading a page needs it

        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            if event == "start":
                yield from self._enter(element, walker)
            else:
                yield from self._leave(element, root)
        yield from self._flush()

    def _enter(self, element: Any, walker: Any) -> Iterator[Block]:
        tag = _name(element)
        if tag in _BREAKS:
            self._text.append(_BREAK)
        elif tag in _LINKS:
            self._in_link += 1
        elif tag == "code":
            self._in_code += 1
        elif _parts_blocks(tag):
            yield from self._flush()
        if _encloses(tag):
            self._open.append(_open_name(element, tag))
        if tag in _DROPPED or _is_definition_term(element) or self._is_code_block(element, tag):
            walker.skip_subtree()
            return
        self._add(element.text)

    def _leave(self, element: Any, root: Any) -> Iterator[Block]:
        tag = _name(element)
        if tag in _LINKS:
            self._in_link -= 1
        elif tag == "code":
            self._in_code -= 1
        elif _parts_blocks(tag):
            yield from self._flush()
            if _encloses(tag):
                self._open.pop()
        if element is not root:
            self._add(element.tail)

    def _is_code_block(self, element: Any, tag: str) -> bool:
        """Trafilatura writes a code block as `code`, the tag of inline code: a block has lines or stands on its own."""
        if tag != "code":
            return False
        if "\n" in "".join(element.itertext()).strip():
            return True
        parent = element.getparent()
        alone = not "".join(self._text).strip() and not (element.tail or "").strip()
        return alone and parent is not None and _name(parent) in _LINE_HOLDERS

    def _add(self, text: str | None) -> None:
        if text:
            self._text.append(text)
            self._linked += len(text.strip()) if self._in_link else 0
            self._coded += len(text.strip()) if self._in_code else 0

    def _flush(self) -> Iterator[Block]:
        text, linked, coded = "".join(self._text), self._linked, self._coded
        self._text, self._linked, self._coded = [], 0, 0
        length = len(text.strip())
        if not length or (coded >= _ALL_CODE * length and not any(tag in _HEADINGS for tag in self._open)):
            return
        share = min(1.0, linked / length)
        for part in _PARAGRAPHS.split(text):
            if clean := tidy(part.replace(_BREAK, " ")):
                yield self._block(clean, share)

    def _block(self, text: str, share: float) -> Block:
        for tag in reversed(self._open):
            if tag[0] == "h":
                return Block(Kind.HEADING, tidy_heading(text) or text, level=int(tag[1]))
            if tag in _ITEMS:
                return Block(Kind.ITEM, text, link_share=share)
            if tag in _CELLS:
                return Block(Kind.CELL, text, link_share=share)
        return Block(Kind.PROSE, text, link_share=share)


def _name(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else "comment"


def _encloses(tag: str) -> bool:
    return tag in _HEADING_LEVELS or tag in _ITEMS or tag in _CELLS


def _parts_blocks(tag: str) -> bool:
    return tag in _BLOCKS or tag in _DROPPED_BLOCKS or _encloses(tag)


def _open_name(element: Any, tag: str) -> str:
    if tag not in _HEADING_LEVELS:
        return tag
    rendered = element.get("rend") or ""
    level = _HEADING_LEVELS.get(rendered, _HEADING_LEVELS[tag])
    return f"h{level}"


def _is_definition_term(element: Any) -> bool:
    return (element.get("rend") or "").startswith("dt-")
