"""What a reader of the page cannot see is taken out of the tree before anything else looks at it."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

_HIDING = re.compile(
    r"display:none|visibility:(hidden|collapse)|content-visibility:hidden|font-size:(0|1px)(\.0+)?(px|pt|em|rem|%)?(!|;|$)"
    r"|opacity:0?(\.0+)?%?(!|;|$)|(^|;)color:transparent|clip:rect\(0|clip-path:inset\((50|100)%|text-indent:-\d{3,}"
    r"|(left|top|right):-\d{3,}(px|em|rem|pt|%)|transform:scale\(0\)|(^|;)(max-)?height:0(px|em)?(!|;|$)"
)
_COLOR = re.compile(r"(?:^|;)color:([^;!]+)")
_BACKGROUND = re.compile(r"(?:^|;)background(?:-color)?:([^;!]+)")
_WHITE = re.compile(
    r"white|#fff|#ffff|#f[ef]f[ef]f[ef]([ef]{2})?|#ffffff(ff)?|rgba?\(25[3-5],25[3-5],25[3-5](,[\d.%]+)?\)"
    r"|hsla?\(\d+,\d+%,(9[89]|100)%(,[\d.%]+)?\)"
)
# Classes of the common frameworks that hide an element, unless a sibling class shows it on larger screens.
_HIDING_CLASSES = frozenset(
    {
        *("sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only", "a11y-hidden"),
        *("hidden", "d-none", "is-hidden", "invisible", "hide", "uk-hidden", "element-invisible"),
    }
)
_SHOWN_ELSEWHERE = re.compile(
    r"(^|\s)(\S+:(block|flex|grid|inline\S*|table\S*|contents|visible)|d-(sm|md|lg|xl|xxl)-\S+)"
)
_UNSEEN_TAGS = frozenset({"template", "noscript", "dialog"})
_FRAME = frozenset({"html", "body", "main", "article"})
_SIMPLE_SELECTOR = re.compile(r"[a-z0-9]*([.#][\w-]+)", re.IGNORECASE)
_CONDITIONAL = re.compile(r"@(?:media|supports|container)[^{}]{0,500}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_SHEET_LIMIT = 200_000
_NEAR = 8  # how many elements around white text may be the dark box it stands in


def remove_hidden(root: Any) -> None:
    """Remove from the lxml tree `root`, in place, comments and every element that is styled or marked as not shown.

    Looked at are attributes, inline styles and the page's own `<style>` rules with one class or id as selector; style
    sheets elsewhere are never asked for.
    """
    from lxml import etree  # noqa: PLC0415 - only reading a page needs it

    hiding = _names_hidden_by(root)
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    for element in [found for found in root.iter() if found is not root and _is_hidden(found, hiding)]:
        detach(element)


def detach(element: Any) -> None:
    """Remove `element` from its tree and keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    previous = element.getprevious()
    parent.remove(element)
    if not tail:
        return
    if previous is not None:
        previous.tail = (previous.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


def _is_hidden(element: Any, hiding: frozenset[str]) -> bool:
    if (
        element.tag in _UNSEEN_TAGS
        or element.get("hidden") is not None
        or (element.get("aria-hidden") or "").strip().lower() == "true"
    ):
        return True
    classes = (element.get("class") or "").split()
    if hiding and (f"#{element.get('id')}" in hiding or any(f".{name}" in hiding for name in classes)):
        return True
    if not _HIDING_CLASSES.isdisjoint(classes) and not _SHOWN_ELSEWHERE.search(" ".join(classes)):
        return True
    style = _folded(element.get("style") or "")
    return _HIDING.search(style) is not None or _is_white_on_white(element, style)


def _is_white_on_white(element: Any, style: str) -> bool:
    """White text is hidden unless it, or something around it, says its own dark background.

    The frame of the page is spared: a page in white on a dark style sheet is not a trick.
    """
    color = _COLOR.search(style) or ((legacy := element.get("color")) and re.match("(.*)", legacy.lower()))
    if not color or not _WHITE.fullmatch(color.group(1)) or element.tag in _FRAME:
        return False
    for holder in (element, *islice(element.iterancestors(), _NEAR)):
        background = _BACKGROUND.search(_folded(holder.get("style") or ""))
        if background:
            return _WHITE.match(background.group(1)) is not None
        if holder.get("bgcolor"):
            return _WHITE.fullmatch(holder.get("bgcolor").strip().lower()) is not None
    return True


def _names_hidden_by(root: Any) -> frozenset[str]:
    """Return the classes (`.name`) and ids (`#name`) that the page's own style rules hide on every screen."""
    found: set[str] = set()
    for sheet in root.iter("style"):
        rules = _CONDITIONAL.sub("", _without_css_comments((sheet.text or "")[:_SHEET_LIMIT]))
        for rule in rules.split("}"):
            selectors, _, declarations = rule.partition("{")
            if not _hides(_folded(declarations)):
                continue
            simple = [_SIMPLE_SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(",")]
            found.update(match.group(1) for match in simple if match)
    return frozenset(found)


def _hides(style: str) -> bool:
    """Whether a rule hides what it applies to: by a property, or by white on the white that it sets itself."""
    color, background = _COLOR.search(style), _BACKGROUND.search(style)
    white = color and background and _WHITE.fullmatch(color.group(1)) and _WHITE.match(background.group(1))
    return _HIDING.search(style) is not None or bool(white)


def _without_css_comments(sheet: str) -> str:
    first, *rest = sheet.split("/*")
    return first + "".join(part.partition("*/")[2] for part in rest)


def _folded(style: str) -> str:
    return re.sub(r"\s+", "", style).lower()
