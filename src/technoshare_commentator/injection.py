"""Text on a page that speaks to a model or to a chat program instead of to a reader.

One vocabulary for two readers: whoever quotes pages leaves out what `gives_orders` or `is_suspect`; the gate looks with
`orders` for what a model has carried over all the same.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from technoshare_commentator.lookalikes import folded, without_leet


class Kind(Enum):
    """How surely a phrase is no report about such phrases."""

    MARK = "mark"  # what a prompt is built of: delimiters, roles, tokens of chat templates
    ADDRESS = "address"  # speaks to a model, or about its answer, in so many words
    COMMAND = "command"  # an order when it stands in the imperative, a report elsewhere
    DOUBT = "doubt"  # enough not to quote it, too little to accuse anybody


class Order(NamedTuple):
    """A phrase of the vocabulary, and where it stands in the folded text."""

    kind: Kind
    text: str
    start: int


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


MODEL = (
    r"(?:ai|llms?|chatgpt|gpt(?:-?\d\w*)?|claude|gemini|(?:large )?language models?|(?:ai )?assistants?|chatbots?|"
    r"summari[sz]ers?)"
)
_START = r"(?:^|[.!?:;,] |\b(?:please|must|should|only|and|then|instead) )"
_EARLIER = r"(?:instructions?|prompts?|directions|guidelines|rules|above|previous|prior|earlier)"
_BEFORE = r"(?:previous|prior|above|earlier|preceding|former|existing|original|system|your)"
_WHOSE = r"(?:your|the (?:system|hidden|above|previous))"
_OWN = (
    r"(?:prompt|instructions?|messages?|rules|words|conversation|guidelines|configuration|api keys?|secrets?|"
    r"passwords?)"
)
_TEXT = r"(?:summary|commentary|tl;?dr)"
_ANSWER = rf"(?:{_TEXT}|answer|response|reply|output|bullets?)"
_ASKED = r"(?:must|should|shall|has to|have to|needs? to)"
_ONLY = r"with (?:only|exactly|the (?:word|phrase|text|string))"
_TELL = r"(?:reply|respond|answer|output|print|say|write)"
_NAMED = r"(?:tool |function )?[`'\"]?"

# The best known order in other languages and in ROT13, in the letters that `folded` leaves.
_ELSEWHERE = (
    r"\bignorier(?:e|t|en)\b.{0,40}\b(?:anweisung|instruktion|vorgabe|regel)",
    r"\b(?:ignore[zr]?|oublie[zr]?) (?:toutes )?(?:les|ces|vos|tes) .{0,20}\b(?:consignes|instructions|directives)\b",
    r"\bignor[ae] (?:todas |todos )?(?:las|as|tus|suas|sus) .{0,20}\b(?:instrucciones|indicaciones|instru\u00e7\u00f5)",
    r"\bignora (?:tutte )?le .{0,20}\bistruzioni\b",
    folded("\u0438\u0433\u043d\u043e\u0440\u0438\u0440\u0443")
    + r"\w*.{0,40}\b"
    + folded("\u0438\u043d\u0441\u0442\u0440"),
    r"\u5ffd\u7565.{0,12}(?:\u6307\u4ee4|\u6307\u793a|\u8bf4\u660e)|(?:\u6307\u793a|\u547d\u4ee4).{0,6}\u7121\u8996",
    r"\bvtaber\b.{0,40}\bvafgehpgvba",
)

_MARKS = _any_of(
    r"<\|?/?(?:im_start|im_end|endoftext|system|assistant|instructions?)\|?>|\[/?INST\]",
    r"\b(?:BEGIN|END) (?:FACTS|EVIDENCE)\b",
    r"<\|(?:begin_of_text|start_header_id|end_header_id|eot_id|user|end|start|channel|message)\|>|<</?SYS>>",
    r"<(?:start|end)_of_turn>|\[/?(?:SYSTEM|ASSISTANT|DEVELOPER)\]|</?(?:tool_(?:result|call|response)s?|untrusted)>",
    r"(?-i:\b(?:BEGIN|END)[ _](?:OF[ _])?(?:(?:SYSTEM|USER|UNTRUSTED)[ _])?(?:PROMPT|INSTRUCTIONS?|INPUT|DOCUMENT)\b)",
    r"#{2,} ?(?:instructions?|system|response|assistant|human|user)\b ?:?(?=$| )",
    r"[\"'](?:role|from)[\"'] ?: ?[\"'](?:system|assistant|user|tool|developer)[\"']",
    r"[\"'](?:tool_calls?|tool_result|function_call|tool_call_id)[\"'] ?:",
    r"^\W*(?:system|assistant|developer|human|user)(?: (?:message|prompt|note|override|notice))? ?:(?= )",
    r"\bsystem (?:override|notice|update|message) ?:",
)
_ADDRESSES = _any_of(
    rf"\byou are (?:now )?(?:an? |the )?(?:\w+ )?{MODEL}\b",
    rf"\b(?:if|when|since|as) you are (?:an? )?(?:{MODEL}|bot)\b",
    r"\byou are now (?:an?|in|the|free|no longer)\b|\bfrom now on,? you\b|\bas an ai language model\b",
    r"\bas an ai(?: model)?, i\b|\bwhen you are (?:later )?asked (?:for|to)\b",
    rf"\b(?:note|message|attention|instructions?|dear|hey|hello) (?:to |for )?(?:the |any |all )?{MODEL} ?[:,(!-]",
    rf"\b(?:any|all|every|to) {MODEL} (?:that (?:is|are) )?(?:reading|processing|summari[sz]ing|who|that reads?)\b",
    rf"\b{MODEL} (?:that|which|who) (?:process|read|summari[sz]e|evaluate|visit|quote)s? this\b",
    rf"(?:^|[.!?] )(?:\w+ and )?(?:(?:ai|automated) \w+|bots?|{MODEL}) ?:(?= )",
    rf"\bwho(?:ever)? (?:composes?|writes?|produces?|summari[sz]es?) (?:an?|the|this|your) {_ANSWER}\b",
    r"\bthe (?:real|actual|true) task (?:follows|begins|starts|is)\b",
    r"\breaders? with a language model inside\b|\b(?:new|updated|real) instructions? ?:",
    rf"\byour {_ANSWER} {_ASKED}\b",
    rf"\b(?:the|every|each) {_ANSWER} {_ASKED} (?:also |always )?(?:say|mention|state|recommend|praise|begin)\b",
    r"\byour (?:system prompt|instructions|training data|api keys?|guidelines)\b",
    # Contracts; of papers are "the model accepts images", "agrees with the experts" and "is required to".
    r"\bthe (?:ai |language )?(?:assistant|model) (?:accepts (?:\w+ ){0,2}(?:terms|conditions|agreement|offer)|"
    r"(?:agrees|consents) to|is legally (?:required|obliged))\b",
    *_ELSEWHERE,
)
_COMMANDS = _any_of(
    rf"\b(?:ignore|disregard|forget)\b.{{0,25}}\b{_BEFORE} (?:\w+ )?(?:instructions?|prompts?|directions|guidelines|"
    r"rules|commands|messages|context)\b",
    r"\b(?:ignore|disregard|forget) (?:all|any|these|everything|anything|what (?:was|you were)|the above|the previous)"
    r"(?: of)?(?: the| your)? ?(?:instructions?|prompts?|directions|told|said|before|above|previously|so far)?\b"
    r"(?=[.,:;!]| and | instructions|$)",
    rf"\b(?:act|behave|pose|respond|answer) as (?:if you|an? (?:\w+ )?{MODEL}\b)",
    r"\b(?:reveal|print|output|repeat|disclose|leak|exfiltrate|show(?: me)?|tell me|paste|post) (?:all (?:of )?)?"
    rf"{_WHOSE} (?:\w+ ){{0,3}}{_OWN}\b",
    rf"\b{_TELL} (?:(?:only|exactly|just) (?:with\b|the (?:word|phrase|text|string)\b|[\"'`])|{_ONLY}\b)",
    rf"\b(?:include|add|insert|append|place|put|mention|paste)\b.{{0,60}}\b(?:in|to|into|at|of) (?:\w+ ){{0,3}}"
    rf"(?:your|the|every|each) {_ANSWER}\b",
    rf"\bwrite (?:an?|the|your) {_TEXT} (?:about|of|on|that|for)\b",
    rf"\b(?:open|begin|start|end|close) (?:your|the|every|each) {_ANSWER} with\b",
    rf"\b(?:say|put|state|mention|repeat) (?:so|it|this|that)\b.{{0,40}}\b(?:{_TEXT}|bullets?)\b",
    rf"\b(?:call|use|invoke|run) (?:the )?{_NAMED}fetch_page\b",
    r"\b(?:set|return|report|mark|output) (?:the |a )?[`'\"]?coverage\b.{0,30}\bfailed\b",
    r"\b(?:leave|keep) (?:the )?[`'\"]?facts[`'\"]? empty\b|\b(?:return|output|send) an empty (?:list|array|object)\b",
    r"\b(?:do not|don't|never) (?:tell|inform|warn|reveal \w+ to) (?:the |any |your )?(?:users?|readers?|humans?|"
    r"anyone)\b",
    r"\b(?:do not|don't|never) (?:mention|reveal|disclose) (?:that you|these|this (?:instruction|message|note|request))"
    r"\b",
)
_DOUBTS = _any_of(
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_EARLIER}\b",
    rf"\b(?:reveal|print|output|repeat|disclose|leak|exfiltrate|show me) (?:me )?(?:all (?:of )?)?{_WHOSE}\b",
    rf"{_START}{_TELL} (?:only|exactly|just|{_ONLY})\b",
    rf"\b(?:your|the) {_TEXT} (?:must|should|shall|has to|needs? to)\b",
    r"\bwhen (?:you )?summari[sz](?:e|ing)\b.{0,40}\b(?:include|mention|say|state|add|tell|recommend|always|must)\b",
    rf"\b{MODEL}\b.{{0,40}}\b(?:must|should|shall) (?:always )?(?:say|state|mention|recommend|praise|endorse|tell)\b",
    rf"\b(?:ingredient|step|task|code|password|block) for (?:the |all |any )?(?:{MODEL}|model)\b",
)
_VOCABULARY = ((Kind.MARK, _MARKS), (Kind.ADDRESS, _ADDRESSES), (Kind.COMMAND, _COMMANDS), (Kind.DOUBT, _DOUBTS))
# Words of that trade which honest pages about models use as well: only the sentence is left out.
_SUSPECT = re.compile(
    r"\b(?:system|developer|hidden) (?:prompt|instruction)s?\b|\bjailbreak|\bDAN mode\b|\bjavascript:", re.IGNORECASE
)
_MENTION = re.compile(
    r"<[!@#]|@(?:here|channel|everyone|group|all|team)\b|(?<![\w/.`])@[A-Za-z_][\w.-]*(?![\w/])", re.IGNORECASE
)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


@lru_cache(maxsize=8192)
def orders(visible: str) -> tuple[Order, ...]:
    """Return the phrases of the vocabulary in `visible`, a text that `lookalikes.folded` has made plain."""
    plain = without_leet(visible)
    return tuple(
        Order(kind, visible[found.start() : found.end()], found.start())
        for kind, pattern in _VOCABULARY
        for text in ((visible,) if plain is visible else (visible, plain))
        for found in pattern.finditer(text)
    )


@lru_cache(maxsize=4096)  # both stages and the gate look at the same passages
def gives_orders(text: str) -> bool:
    """Whether `text` tells a model what to do or imitates the marks of a prompt: nothing of its passage is quoted."""
    return any(True for _ in orders(folded(text)))


def is_suspect(text: str) -> bool:
    """Whether a sentence must not be quoted: talk of prompts, a mention of people or channels, hidden characters."""
    visible = folded(text)
    hidden = not text.isascii() and any(unicodedata.category(character) in _INVISIBLE for character in text)
    return hidden or bool(_SUSPECT.search(visible) or _MENTION.search(visible))
