"""What writers and programs leave behind in a text that is not finished: no item of a commentary holds any of it.

Every pattern is about text that a model made up by itself: what the page says in the same words is no leftover.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.domain import split_bullet
from technoshare_commentator.prompts import STAGE_A, STAGE_B, load_prompt
from technoshare_commentator.quality.page_words import page_says
from technoshare_commentator.quality.rule_input import quoted
from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from technoshare_commentator.domain import Evidence
    from technoshare_commentator.quality.rule_input import RuleInput

_CODE = re.compile(r"(?<!`)`[^`]+`(?!`)")
_PAIRED_BOLD = re.compile(r"\*\*[^*\s](?:[^*]*[^*\s])?\*\*")
_PROMPT_RUN = 7  # words in a row that nobody shares with a prompt by chance

_WRITING = r"(?:summary|summaries|sentences?|tl;?dr|commentary|bullets?|bullet points|items|json|answer|response|reply)"
_OURS = r"(?:summary|commentary|tl;?dr)"
# What the prompts call their input. Not "context", "input" or "document": pages about models speak of those.
_GIVEN = r"(?:texts?|evidence|facts?|passages?|snippets?|excerpts?|information|article|page)"


def _any_of(*patterns: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)


_PLACEHOLDER = _any_of(
    r"\blorem ipsum\b|\bdolor sit amet\b",
    r"\[(?:insert|add|your|todo|tbd|placeholder|to be|company|name|product|project|date|year|number|x)\b[^\]]*\]",
    r"(?-i:\[[A-Z][A-Z_ ]+\]|\b(?:TODO|FIXME|TBD)\b|\bX{2,}(?=\s?%|\b)|\$X\b|\b[XYNZ]%)",
    r"\{\{[^{}]*\}\}|<(?:your|insert|the|name|product|project|company|tool|page|title|theme)\b[^<>]*>",
    r"^\W*(?:n/?a|none|null|nil|undefined|empty|unknown|not (?:available|specified|mentioned|provided|stated)|"
    r"no information|tba|string)?\W*$",
    r"\bplaceholder (?:for|text|sentence|item)\b|\b(?:is|as) a placeholder\b",
    rf"^(?:sentence|item|bullet|point|fact|theme|action) (?:\d+|one|two|three)\b(?: of the {_WRITING})?",
)
_META_TALK = _any_of(
    r"\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b(?! (?:startup|company|tool|product|service))",
    r"\bI(?:'m| am|\u2019m) (?:sorry|unable|an? (?:AI|assistant|language model)|not able|happy to|going to)\b",
    r"\bI (?:apologi[sz]e|cannot|can't|can\u2019t|do not have|don't have|hope th)|\bmy (?:knowledge|training)\b",
    r"\bI (?:have |will )?(?:describe|summari[sz]e|explain|include|write|written|list|extract)d?\b",
    r"^(?:sure|certainly|of course|absolutely|okay|ok)\s?[,!.]",
    rf"^here (?:is|are)\b.*\b{_WRITING}\b|^(?:the )?(?:following|above) (?:is|are)\b.*\b{_WRITING}\b",
    r"\blet me know (?:if|whether|what)\b|\bfeel free to ask\b|\bif you (?:need|want|have) (?:any )?(?:more|further)\b",
    r"\bthe user (?:wants|asks|asked|is asking|needs) (?:for|a|an|me|us|the)\b",
    r"^please (?:provide|note|write|give|find|let)\b",
    rf"\bthe (?:provided|given|supplied|above(?:mentioned)?) {_GIVEN}\b|^based (?:up)?on the (?:\w+ )?{_GIVEN}\b",
    rf"\b{_GIVEN} (?:provided|given|supplied) (?:above|here|below|to me)\b",
    r"\bthe (?:facts|evidence|snippets|passages|provided text) (?:do|does|did|don't|doesn't|says?|states?|mentions?)\b",
    r"\bno information (?:about|on|regarding)\b.*\b(?:found|provided|available|given|mentioned)\b",
    rf"\b(?:in|for) this {_OURS}\b|\bthis {_OURS}\b|\b(?:sentence|item|bullet)s? of the {_OURS}\b",
    r"\bfacts? \d+ (?:says?|states?|notes?)\b|\baccording to facts? \d+\b|\bvalid JSON object\b",
    r"^(?:this|the) (?:text|article|web ?page|document|passage|blog post) (?:provides an overview|discusses|is about)",
    r"^(?:assistant|user|system|human|bot|answer|response|output|reply)\s?:|</?s>|<\|[^|<>]*\|>",
)
_JSON = _any_of(
    r"[\"']\w+[\"']\s*:\s*[\[{\"']|^\s*[\[{]+\s*[\"']|[\"']\s*[\]}]+\s*,?\s*$|[.!?]\",\s*\"|\",\s*$",
    r"(?<![\\\w])\\n(?!\w)|(?<=[.!?])\\n",
)
_MARKDOWN = _any_of(
    r"^#{1,6}\s|```|!\[[^\]]*\]\([^)]*\)|^\s*>\s|(?:^|\s)[-*_]{3,}\s*$",
    r"^\s*\|.*\|\s*$|(?:\|[^|]*){3,}\|?\s*$",
    r"</?(?:b|i|em|strong|p|br|hr|div|span|li|ul|ol|h[1-6]|a|code|pre|table|tr|td|th|img)(?:\s[^<>]*)?/?>",
    r"&(?:nbsp|amp|lt|gt|quot|apos|#x?[0-9a-f]{2,5});",
    r"(?<!\s)\*\*(?!\*)|(?<!\*)\*\*(?=\S)",
)
_DAMAGED = _any_of(r"\ufffd|\u00e2\u20ac|\u00c3[\u0080-\u00bf]|\u00c2[\u0080-\u00bf]|\u00ef\u00bb\u00bf")
_KINDS = {
    "a placeholder": _PLACEHOLDER,
    "talk about the writer or the task": _META_TALK,
    "a piece of JSON": _JSON,
    "markup": _MARKDOWN,
    "damaged characters": _DAMAGED,
}


def no_leftovers(given: RuleInput) -> Iterator[str]:
    """No placeholder, JSON, markup, words of our prompts or talk about the task is left in an item."""
    for section, items in given.commentary:
        for place, item in enumerate(items, start=1):
            for kind, found in _findings(item).items():
                if left := next((one for one in found if not _stands(given.evidence, one)), ""):
                    where = f"{section} item {place} holds {kind}, {quoted(left)}"
                    yield f"{where}: {quoted(item)}; an item is finished text about the page"


def _prose(item: str) -> str:
    """Take code and paired bold out, which may hold whatever they like."""
    return _PAIRED_BOLD.sub(lambda bold: bold.group()[2:-2], _CODE.sub("code", item))


@lru_cache(maxsize=8192)
def _findings(item: str) -> Mapping[str, tuple[str, ...]]:
    """Return what an item holds of each kind, in its order, wherever it comes from."""
    texts = tuple(map(_prose, split_bullet(item) or (item,)))
    found = {
        kind: tuple(one.group().strip() for text in texts for one in pattern.finditer(text))
        for kind, pattern in _KINDS.items()
    }
    found["words of our own prompt"] = _shared_with_prompts(item)
    return {kind: ones for kind, ones in found.items() if any(ones)}


def _stands(evidence: Evidence, found: str) -> bool:
    """Whether the page holds the very characters, or at least the words where there are several."""
    return found in evidence.text or (" " in normalise_sentence(found) and page_says(evidence, found))


def _shared_with_prompts(item: str) -> tuple[str, ...]:
    """Return the runs of words that an item shares with a prompt."""
    words = normalise_sentence(item).split()
    runs = (" ".join(words[start : start + _PROMPT_RUN]) for start in range(len(words) - _PROMPT_RUN + 1))
    return tuple(run for run in runs if run in _prompt_runs())


@lru_cache(maxsize=1)
def _prompt_runs() -> frozenset[str]:
    """Return every run of words of the two prompts that this version ships."""
    texts = (load_prompt(name).template for name in (STAGE_A, STAGE_B))
    every = [normalise_sentence(text).split() for text in texts]
    return frozenset(
        " ".join(words[start : start + _PROMPT_RUN]) for words in every for start in range(len(words) - _PROMPT_RUN + 1)
    )
