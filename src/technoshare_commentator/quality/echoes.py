"""Instructions and prompt material that a commentary carries on, told from reports about such things."""

from __future__ import annotations

import base64
import binascii
import re

from technoshare_commentator.injection import MODEL, Kind, orders
from technoshare_commentator.lookalikes import folded, is_hidden

_QUOTED = re.compile(r"\"[^\"]*\"|\u00ab[^\u00bb]*\u00bb|(?<!\w)'[^']*'(?!\w)|`[^`]*`")
# A report has a sentence of its own around what it quotes, and says what sort of thing that is.
_LEAST_WORDS_AROUND = 4
_REPORTS = re.compile(
    r"\b(?:attack\w*|inject\w*|jailbreak\w*|adversar\w+|malicious\w*|payloads?|poison\w*|threats?|exploit\w*|red[- ]team\w*|"
    r"trick\w*|hidden|untrusted|attempt\w*|guards?|guardrails?|classifiers?|filters?|detect\w*|refus\w+|block\w*|"
    r"phrases?|strings?|sentences?|templates?|tokens?|delimiters?|markers?|labels?|fields?|"
    r"(?:shows?|showed|reports?|reported|describes?|described|quotes?|quoted|found|finds?|observed?|tested|reads?|says|said|"
    r"contain\w*|include[sd]?|marks?|separates?|parse[sd]?|called))\b",
    re.IGNORECASE,
)
_ATTACKS = re.compile(
    r"\b(?:attack\w*|inject\w*|jailbreak\w*|adversar\w+|malicious\w*|payloads?|poison\w*|threats?|exploit\w*|red[- ]team\w*|"
    r"tricks?|tricked|untrusted|attempts?)\b",
    re.IGNORECASE,
)
# What stands before a verb that gives an order: nothing of its clause, or somebody who is told to.
_ORDERED = re.compile(
    r"(?:^|[.!?:;,(\u2013\u2014-]|\b(?:please|now|instead|then|just|simply|kindly)|"
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
    """Return what in `text` instructs a model or is material of a prompt, as written; empty when nothing does."""
    if hidden := [character for character in text if is_hidden(character)]:
        return "".join(hidden[:1])
    visible = folded(text)
    if blob := _blob_in(visible):
        return blob
    own = _QUOTED.sub(lambda found: " " * len(found.group()), visible)
    unquoted = next((order.text for order in orders(own) if _is_given(order.kind, order.text, own[: order.start])), "")
    if unquoted or _is_report(own):
        return unquoted or _handed_over(own)
    quoted = (order.text for order in orders(visible) if order.kind is not Kind.DOUBT)
    return next(quoted, "") or _handed_over(visible)


def _is_given(kind: Kind, text: str, before: str) -> bool:
    """Whether an unquoted phrase is an order or a mark itself and no report about one."""
    if kind is Kind.DOUBT:
        return False
    if kind is not Kind.COMMAND or _SECOND_PERSON.search(before):
        return kind is Kind.MARK or not _is_told_of(text, before)
    return bool(_ORDERED.search(before))


def _is_told_of(text: str, before: str) -> bool:
    """Whether it is what an attack makes a model do: "attacks that tell the model to ignore its previous rules"."""
    addressed = _SECOND_PERSON.search(before) or _SECOND_PERSON.search(text)
    return not addressed and _ATTACKS.search(before) is not None and not _ORDERED.search(before)


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
    try:
        decoded = base64.b64decode(
            blob[: len(blob) - len(blob.rstrip("=")) or None] + "=" * (-len(blob.rstrip("=")) % 4)
        )
    except (binascii.Error, ValueError):
        return False
    printable = sum(32 <= byte < 127 for byte in decoded)  # noqa: PLR2004 - what ASCII can show
    return b" " in decoded and printable >= _READABLE * len(decoded)
