"""Instructions and prompt material that a commentary carries on, told from reports about such things."""

from __future__ import annotations

import base64
import binascii
import re

from technoshare_commentator.injection import MODEL, Kind, Order, orders
from technoshare_commentator.lookalikes import folded, is_hidden

_QUOTED = re.compile(r"\"[^\"]*\"|\u00ab[^\u00bb]*\u00bb|(?<!\w)'[^']*'(?!\w)|`[^`]*`")
_TRADE = (
    r"attack\w*|inject\w*|jailbreak\w*|adversar\w+|malicious\w*|payloads?|poison\w*|threats?|exploit\w*|"
    r"red[- ]team\w*"
)
# A report has a sentence of its own around what it quotes, and says what sort of thing that is.
_LEAST_WORDS_AROUND = 4
_REPORTS = re.compile(
    rf"\b(?:{_TRADE}|trick\w*|hidden|untrusted|attempt\w*|guards?|guardrails?|classifiers?|filters?|detect\w*|refus\w+|"
    r"block\w*|phrases?|strings?|sentences?|templates?|tokens?|delimiters?|markers?|labels?|fields?|"
    r"shows?|showed|reports?|reported|describes?|described|quotes?|quoted|found|finds?|observed?|tested|reads?|says|"
    r"said|contain\w*|include[sd]?|marks?|separates?|parse[sd]?|called)\b",
    re.IGNORECASE,
)
_ATTACKS = re.compile(rf"\b(?:{_TRADE}|tricks?|tricked|untrusted|attempts?)\b", re.IGNORECASE)
# What stands before a verb that gives an order: nothing of its clause, or somebody who is told to.
_ORDERED = re.compile(
    r"(?:^|[.!?:;,(\u2013\u2014-]|\b(?:please|now|instead|then|so|just|simply|kindly)|"
    rf"\b(?:you|{MODEL}s?) (?:must|should|shall|have to|has to|need to|are to|will))[\s\"'*_]*$",
    re.IGNORECASE,
)
_SECOND_PERSON = re.compile(r"\byou(?:r|rself)?\b", re.IGNORECASE)
_BLOB = re.compile(r"(?<![\w/+=.:-])[A-Za-z0-9+/]{24,}={0,2}(?![\w/+=-])")
_LONG_BLOB = 40  # characters; digests in hexadecimal are shorter or have one case
_READABLE = 0.9
_HANDS_OVER = re.compile(
    r"\b(?:send|post|paste|print|reveal|share|give|tell|email|forward|enter|type|provide|dump|echo|upload)\b.{0,30}"
    r"\b(?:your|all|every|its) (?:\w+ ){0,3}(?:api[- ]?keys?|access tokens?|bot tokens?|passwords?|credentials|secrets|"
    r"system prompt|environment variables|conversation|chat history)\b",
    re.IGNORECASE,
)


def echo_in(text: str) -> str:
    """Return what in `text` instructs a model or is material of a prompt, as written; empty when nothing does.

    What stands in quotation marks or backquotes is let through when the text around it reports about such things.
    """
    if hidden := next(filter(is_hidden, text), ""):
        return hidden
    visible = folded(text)
    own = _QUOTED.sub(lambda found: " " * len(found.group()), visible)
    searched = own if _is_report(own) else visible
    given = (order.text for order in orders(searched) if _is_given(order, own, searched))
    return next(given, "") or _blob_in(visible) or _handed_over(searched)


def _is_given(order: Order, own: str, searched: str) -> bool:
    """Whether a phrase is an order or a mark itself and no report about one."""
    if order.kind is Kind.DOUBT:
        return False
    if order.kind is Kind.MARK or own[order.start :][: len(order.text)] != order.text:
        return True
    before = searched[: order.start]
    if _SECOND_PERSON.search(f"{before} {order.text}") and order.kind is not Kind.COMMAND:
        return True
    ordered = _ORDERED.search(before) is not None
    return ordered if order.kind is Kind.COMMAND else ordered or not _ATTACKS.search(before)


def _is_report(own: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", own)
    return len(words) >= _LEAST_WORDS_AROUND and _REPORTS.search(own) is not None


def _handed_over(visible: str) -> str:
    found = _HANDS_OVER.search(visible)
    return found.group() if found and _ORDERED.search(visible[: found.start()]) else ""


def _blob_in(visible: str) -> str:
    """Return a run of base64: long and of mixed letters and digits, or shorter and text once it is decoded."""
    for found in _BLOB.finditer(visible):
        blob = found.group()
        kinds = (any(map(str.isupper, blob)), any(map(str.islower, blob)), any(map(str.isdigit, blob)))
        long = len(blob) >= _LONG_BLOB and all(kinds) and "/" not in blob
        if long or (kinds[0] and kinds[1] and _is_text_in_base64(blob)):
            return blob
    return ""


def _is_text_in_base64(blob: str) -> bool:
    digits = blob.rstrip("=")
    try:
        decoded = base64.b64decode(digits + "=" * (-len(digits) % 4))
    except (binascii.Error, ValueError):
        return False
    printable = sum(32 <= byte < 127 for byte in decoded)  # noqa: PLR2004 - what ASCII can show
    return b" " in decoded and printable >= _READABLE * len(decoded)
