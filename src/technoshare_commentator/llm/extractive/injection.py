"""Text on a page that speaks to a model or to a chat program instead of to a reader."""

from __future__ import annotations

import re
import unicodedata


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_MODEL = (
    r"(?:ai|llms?|chatgpt|gpt(?:-?\d\w*)?|claude|gemini|(?:large )?language models?|(?:ai )?assistants?|chatbots?|"
    r"summari[sz]ers?)"
)
_START = r"(?:^|[.!?:,;] |\b(?:please|must|should|only|and|then|instead) )"
_EARLIER = r"(?:instructions?|prompts?|directions|guidelines|rules|above|previous|prior|earlier)"
_WHOSE = r"(?:your|the (?:system|hidden|above|previous))"
# An order to a model: everything that stands in the same passage belongs to the same attempt.
_ORDERS = _any_of(
    rf"\b(?:ignore|disregard|forget|override|bypass)\b.{{0,40}}\b{_EARLIER}\b",
    rf"\byou are (?:now )?(?:an? |the )?(?:\w+ )?{_MODEL}\b",
    rf"\b(?:if|when|since|as) you are (?:an? )?(?:{_MODEL}|bot)\b",
    rf"\b(?:act|behave|pose) as (?:if you|an? (?:\w+ )?{_MODEL}\b)",
    r"\b(?:note|message|attention|instructions?|dear|hey|hello) (?:to |for )?(?:the |any |all )?"
    rf"{_MODEL} ?[:,(!-]",
    rf"\b(?:any|all|every|to) {_MODEL} (?:that (?:is|are) )?(?:reading|processing|summari[sz]ing|who|"
    rf"that reads?)\b",
    r"\b(?:new|updated|real) instructions? ?:",
    r"\b(?:reveal|print|output|repeat|disclose|leak|exfiltrate|show me) (?:me )?(?:all (?:of )?)?"
    rf"{_WHOSE}\b",
    rf"{_START}(?:reply|respond|answer|output|print|say|write) "
    r"(?:only|exactly|just|with (?:only|exactly|the (?:word|phrase|text|string)))\b",
    r"\b(?:your|the) (?:summary|commentary|tl;?dr) (?:must|should|shall|has to|needs? to)\b",
    r"\byour (?:answer|response|reply|output) (?:must|should|shall|has to)\b",
    r"\bwhen (?:you )?summari[sz](?:e|ing)\b.{0,40}\b(?:include|mention|say|state|add|tell|recommend|"
    r"always|must)\b",
    rf"\b{_MODEL}\b.{{0,40}}\b(?:must|should|shall) (?:always )?(?:say|state|mention|recommend|praise|endorse|tell)\b",
    r"\b(?:do not|don't|never) (?:tell|inform|warn|reveal \w+ to) (?:the |any |your )?(?:users?|readers?|"
    r"humans?|anyone)\b",
    r"\byour (?:system prompt|instructions|training data|api keys?|guidelines)\b",
    r"<\|?/?(?:im_start|im_end|endoftext|system|assistant|instructions?)\|?>|\[/?INST\]",
    r"\b(?:BEGIN|END) (?:FACTS|EVIDENCE)\b",
)
# Words of that trade which honest pages about models use as well: only the sentence is left out.
_SUSPECT = re.compile(
    r"\b(?:system|developer|hidden) (?:prompt|instruction)s?\b|\bjailbreak|\bDAN mode\b|\bjavascript:", re.IGNORECASE
)
_MENTION = re.compile(
    r"<[!@#]|@(?:here|channel|everyone|group|all|team)\b|(?<![\w/.`])@[A-Za-z_][\w.-]*(?![\w/])", re.IGNORECASE
)
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_QUOTES = str.maketrans({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})


def gives_orders(text: str) -> bool:
    """Whether `text` tells a model what to do or imitates the marks of a prompt: nothing of its passage is quoted."""
    return bool(_ORDERS.search(_visible(text)))


def is_suspect(text: str) -> bool:
    """Whether a sentence must not be quoted: talk of prompts, a mention of people or channels, hidden characters."""
    visible = _visible(text)
    hidden = not text.isascii() and any(unicodedata.category(character) in _INVISIBLE for character in text)
    return hidden or bool(_SUSPECT.search(visible) or _MENTION.search(visible))


def _visible(text: str) -> str:
    """Undo what hides words from a pattern but not from a model: other forms of letters, invisible marks, spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_QUOTES)
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(text.split())
