"""Which blocks are the page's own text, and which are frame, furniture or code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.retrieval.extraction.document import Block, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

_ENDS = re.compile(r"""[.!?…。\uff01\uff1f]["'”\u2019»)\]*_]*$""")
_WORD = re.compile(r"[^\W\d_]{2,}")
_BROKEN_UP = re.compile(r"\s[|•·»→\u203a/]\s")
_FRAME = re.compile(
    r"(?:by|written by|posted (?:by|on|in)|published(?: on| by| in)?|last (?:updated|modified)|updated(?: on)?|author:"
    r"|share (?:this|on)|tweet|follow us|sign (?:up|in)|log ?in|subscribe|join our|read (?:more|next|also|time)"
    r"|(?:\d+|a few|one) min(?:ute)?s?(?: of)? read|filed under|tags?:|tagged|categor(?:y|ies):|skip to|back to"
    r"|table of contents|jump to|edit this page|view (?:source|on github)|previous(?: post)?:|next(?: post)?:"
    r"|photo (?:by|credit)|image (?:by|credit)|advertisement|related (?:posts|articles)"
    r"|leave a (?:comment|reply)|\d+ comments?|click here|home\b|menu\b|search\b)",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(?:figure|fig\.|table|listing) \d+\s?[.:|]", re.IGNORECASE)
_FRAME_ANYWHERE = re.compile(
    r"we use cookies|this (?:site|website) uses cookies|accept (?:all )?cookies|cookie (?:policy|preferences|settings)"
    r"|all rights reserved|©\s?\d{4}|^(?:copyright|©)\b|subscribe to (?:our|the) (?:newsletter|blog|mailing)"
    r"|sign up for (?:our|the) newsletter"
    r"|thanks for reading|unsubscribe (?:at )?any ?time|no spam|powered by (?:wordpress|hugo|jekyll|ghost)"
    r"|enable javascript|javascript is (?:disabled|required)",
    re.IGNORECASE,
)
# Only demands about reading on: "sign in to view your traces" is a step of a tutorial.
_PAYWALL = re.compile(
    r"(?:subscribe|sign (?:up|in)|log in|register|upgrade|become a (?:paid )?(?:member|subscriber)"
    r"|create (?:a|an|your) (?:free )?account)\b.{0,60}\b(?:(?:continue|keep|finish) reading"
    r"|read (?:on|the (?:full|rest|whole|entire|complete)|this (?:article|story|post))"
    r"|(?:full|unlimited) access to (?:this|the|all|every) (?:article|stor|post|archive|issue)"
    r"|unlock (?:this|the (?:full|rest)) (?:article|story|post))"
    r"|\b(?:this|the (?:rest|remainder) of (?:this|the)|the full) (?:article|story|post|text|interview|report)?"
    r".{0,20}\b(?:is|are) (?:only )?(?:for|available (?:only )?to|reserved for|exclusive to)\b.{0,20}\b"
    r"(?:paid |paying )?(?:subscribers|members)"
    r"|already (?:a|an)? ?(?:subscriber|member)\?|you have (?:reached|read|used) (?:all )?your .{0,30}free articles"
    r"|\bfree articles? (?:left|remaining)|this (?:article|story|post) is (?:a preview|subscriber-only|members?-only)",
    re.IGNORECASE,
)
_FRAME_SECTION = re.compile(
    r"(?:related|similar|recommended|recent|latest|more|other|popular) (?:posts?|articles?|stories|reading|content)"
    r"|you (?:may|might) also (?:like|enjoy)|more from .+|(?:read|up) next|keep reading|table of contents|contents|toc"
    r"|on this page|in this (?:article|post)|share(?: this.*)?|(?:\d+ )?comments?|leave a (?:comment|reply).*"
    r"|subscribe.*|newsletter|stay (?:up to date|in the loop|updated).*|about the authors?|star history"
    r"|(?:gold |silver |platinum |bronze |our )?(?:sponsors?|backers)|sponsors? and backers|(?:our )?contributors"
    r"|references|bibliography",
    re.IGNORECASE,
)
_CODE_SIGNS = re.compile(r"[{}\[\]<>=;|\\$#@^~`]|::|->|\(\)|&&|//")
_ATTRIBUTE = re.compile(r"""\b\w+=(?:["'{]|\{)""")
_TEMPLATE = re.compile(r"^\{[{%#]")
_FIELD = re.compile(r"(?:^|\s)[A-Z][A-Za-z-]{1,20}: ")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_DATE = re.compile(r"\b\d{1,2}\.? \w{3,9},? (?:19|20)\d\d\b|\b\w{3,9} \d{1,2}, (?:19|20)\d\d\b|\b20\d\d-\d\d-\d\d\b")
_LEADING_MARKS = re.compile(
    r"^(?:[-\u2013—•·*▪►▸>|]\s+|\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*|::+\s*\w+\s+)+", re.IGNORECASE
)
_LEAST_WORDS = 4
_LEAST_CELL_WORDS = 8
_FRAME_WORDS = 30
_BYLINE_WORDS = 12
_RECORD_FIELDS = 4  # "Author: … Status: … Created: …" on one line is a record
_PAYWALL_WORDS = 60
_MOSTLY_LINKS = 0.6
_MOST_CODE_SIGNS = 0.06
_LONGEST_WORD = 120


def page_text(blocks: Iterable[Block]) -> tuple[list[Block], bool]:
    """Return the blocks that are the page's own text, in order, and whether a paywall notice stood among them.

    A frame section ("Related posts") ends at the next heading of its own level or above; a block that repeats an
    earlier one word for word is dropped.
    """
    kept: list[Block] = []
    seen: set[str] = set()
    paywalled = False
    frame_level = 0
    for block in blocks:
        if block.kind is Kind.HEADING:
            if frame_level and block.level > frame_level:
                continue
            name = block.text.rstrip(":#¶ ").strip()
            frame_level = block.level if _FRAME_SECTION.fullmatch(name) else 0
            if not frame_level:
                kept.append(block)
        elif not frame_level:
            notice = is_paywall_notice(block.text)
            paywalled = paywalled or notice
            clean = _without_leading_marks(block)
            if not notice and clean.text not in seen and is_prose(clean):
                kept.append(clean)
                seen.add(clean.text)
    return kept, paywalled


def is_paywall_notice(text: str) -> bool:
    """Whether a short block asks for a subscription before the rest may be read."""
    return len(text.split()) <= _PAYWALL_WORDS and _PAYWALL.search(text) is not None


def is_prose(block: Block) -> bool:
    """Whether a paragraph, item or cell reads like text somebody wrote to be read."""
    text = block.text
    words = _WORD.findall(_URL.sub("", text))
    ends = _ENDS.search(text) is not None
    least = _LEAST_CELL_WORDS if block.kind is Kind.CELL else _LEAST_WORDS
    if not _has_many_unspaced_letters(text) and len(words) < (2 if ends and block.kind is Kind.PROSE else least):
        return False
    if block.kind is Kind.CELL and not ends:
        return False
    if not ends and (block.link_share >= _MOSTLY_LINKS or len(_BROKEN_UP.findall(text)) > 1):
        return False
    if block.kind is Kind.PROSE and not ends and len(words) <= _BYLINE_WORDS and _DATE.search(text):
        return False
    if not ends and len(_FIELD.findall(text)) >= _RECORD_FIELDS:
        return False
    return not _is_frame(text, len(words), ends=ends) and not _is_code(text)


def _is_frame(text: str, words: int, *, ends: bool) -> bool:
    if words > _FRAME_WORDS:
        return False
    if _FRAME_ANYWHERE.search(text):
        return True
    return _CAPTION.match(text) is not None or (not ends and _FRAME.match(text) is not None)


def _is_code(text: str) -> bool:
    if any(len(word) > _LONGEST_WORD for word in text.split()) and not _has_many_unspaced_letters(text):
        return True
    if _TEMPLATE.match(text) or len(_ATTRIBUTE.findall(text)) > 1:
        return True
    return len(_CODE_SIGNS.findall(text)) > max(2, _MOST_CODE_SIGNS * len(text))


def _has_many_unspaced_letters(text: str) -> bool:
    """Whether the text is of a script that puts no spaces between words: Chinese, Japanese, Thai."""
    unspaced = sum("\u0e00" <= character <= "\u0e7f" or "\u3040" <= character <= "\u9fff" for character in text)
    return unspaced > len(text) / 4


def _without_leading_marks(block: Block) -> Block:
    text = _LEADING_MARKS.sub("", block.text)
    return Block(block.kind, text, level=block.level, link_share=block.link_share)
