"""Whether Slack shows the rendered text as it is meant: four sections, and no markup that acts."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from typing import TYPE_CHECKING

from technoshare_commentator.domain import SECTION_SEPARATOR, SECTION_TITLES
from technoshare_commentator.quality.rule_input import counted, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.quality.rule_input import RuleInput

# https://docs.slack.dev/reference/methods/chat.postMessage and /reference/block-kit/blocks/section-block
MAX_TEXT_CHARACTERS = 40_000
MAX_LINE_CHARACTERS = 3000

_BULLET = "• "
_NO_CHARACTER = re.compile(r"[\W_\u02cb]+")  # the renderer writes U+02CB for a backtick that must not act
_CUT_FROM = 2000  # characters; the renderer shortens no line below that
_LABELLED = re.compile(r"\[([^\[\]]+)\]\((?:[^\s()<>]|\([^\s()<>]*\))+\)")
_RENDERED_LINK = re.compile(r"<[^<>|\n]*\|([^<>\n]*)>")
_PLACEHOLDER = re.compile(r"_[^_\n]+_")
_PROJECT = re.compile(r"• \*[^*\n]+\* — \S")
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"<https?://[^\s<>|]+(?:\|[^<>\n]*)?>")
_MARKDOWN_BOLD = re.compile(r"\*\*[^*\s][^*\n]*\*\*")
_HEADING = re.compile(r"(?:^|\n)[ \t]*(?:• )?#{1,6}[ \t]")
_MARKDOWN_LINK = re.compile(r"\[[^\[\]\n]+\]\((?:https?://|/|\.)[^\s()]*\)")
_FENCE = re.compile(r"```|(?:^|\n)(?:• )?\|.*\|[ \t]*(?=\n|$)")
_UNESCAPED = re.compile(r"&(?!(?:amp|lt|gt);)|[<>]")
_MENTION = re.compile(r"<[!@#][^>\n]{0,100}>?|(?<![^\W_])@(?:here|channel|everyone|group)\b", re.IGNORECASE)


def slack_formatting(given: RuleInput) -> Iterator[str]:
    """Four sections with two blank lines between them, bullets as the commentary has items, no markup that acts."""
    text = given.slack_text
    if len(text) > MAX_TEXT_CHARACTERS:
        yield f"the Slack text has {len(text)} characters; Slack takes at most {MAX_TEXT_CHARACTERS}"
    yield from _layout(text, given)
    yield from _markup(text)


def slack_completeness(given: RuleInput) -> Iterator[str]:
    """Every item of the commentary stands in the Slack text, whole, in its section and its place."""
    sections = given.slack_text.split(SECTION_SEPARATOR)
    if len(sections) != len(SECTION_TITLES):
        return  # another rule's concern
    for title, section, (_, items) in zip(SECTION_TITLES, sections, given.commentary, strict=True):
        lines = [line for line in section.split("\n")[1:] if line.startswith(_BULLET)]
        for place, (item, line) in enumerate(zip(items, lines, strict=False), start=1):
            if not _shows(line, item):
                shown = f"line {place} of section {title!r} of the Slack text is {quoted(line)}"
                yield f"{shown}, and the item there is {quoted(item)}; it shows the item, whole"


def _shows(line: str, item: str) -> bool:
    """Whether a rendered line has the letters and digits of an item; of one that was cut to fit, its beginning."""
    wanted = _characters(_LABELLED.sub(r"\1", item))
    shown = _characters(unescape(_RENDERED_LINK.sub(r"\1", line)))
    cut = line.endswith("…") and len(line) > _CUT_FROM
    return wanted.startswith(shown) if cut else wanted == shown


def _characters(text: str) -> str:
    return _NO_CHARACTER.sub("", unicodedata.normalize("NFKC", text).casefold())


def _layout(text: str, given: RuleInput) -> Iterator[str]:
    sections = text.split(SECTION_SEPARATOR)
    titles = [section.split("\n", 1)[0] for section in sections]
    wanted = [f"*{title}*" for title in SECTION_TITLES]
    if titles != wanted or any("\n\n" in section or section != section.strip("\n") for section in sections):
        yield (
            f"the Slack text has the sections {quoted(', '.join(titles))}; it has {', '.join(wanted)}, in this order, "
            "with exactly two blank lines between them and none inside"
        )
        return
    for title, section, (_, items) in zip(SECTION_TITLES, sections, given.commentary, strict=True):
        lines = section.split("\n")[1:]
        bullets = [line for line in lines if line.startswith(_BULLET)]
        empty = not items and len(lines) == 1 and _PLACEHOLDER.fullmatch(lines[0])
        if not empty and (len(bullets) != len(lines) or len(bullets) != len(items)):
            shown = f"{counted(len(bullets), 'bullet')} for {counted(len(items), 'item')}"
            yield f"section {title!r} of the Slack text has {shown}; it has one for each"
        yield from _lines(title, bullets)


def _lines(title: str, bullets: list[str]) -> Iterator[str]:
    for place, line in enumerate(bullets, start=1):
        where = f"line {place} of section {title!r}"
        if len(line) > MAX_LINE_CHARACTERS:
            yield f"{where} has {len(line)} characters; Slack takes at most {MAX_LINE_CHARACTERS}"
        if title == SECTION_TITLES[2] and not _PROJECT.match(line):
            yield f"{where} is {quoted(line)}; it reads '• *Theme* — action'"


def _markup(text: str) -> Iterator[str]:
    plain = _LINK.sub(" ", text)
    prose = _CODE.sub(" ", plain)
    for pattern, searched, rule in (
        (_MARKDOWN_BOLD, prose, "bold is one asterisk in Slack"),
        (_HEADING, prose, "Slack has no headings"),
        (_MARKDOWN_LINK, plain, "a link is <address|label> in Slack"),
        (_FENCE, text, "an item is one line of text"),
        (_UNESCAPED, plain, "&, < and > are written &amp;, &lt; and &gt;"),
        (_MENTION, text, "a page must not call people"),
    ):
        if found := pattern.search(searched):
            around = searched[max(0, found.start() - 20) : found.end() + 20].strip()
            yield f"the Slack text holds {found.group().strip()[:60]!r}, in {quoted(around)}; {rule}"
