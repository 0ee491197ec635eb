"""How the TL;DR and the summary are built: clean items, as many sentences as the contract wants, none of them twice."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from technoshare_commentator.quality.page_words import page_says
from technoshare_commentator.quality.rule_input import counted, quoted
from technoshare_commentator.sentences import (
    count_sentences,
    normalise_sentence,
    sentence_fault,
    split_sentences,
    starts_with_marker,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.rule_input import RuleInput

MAX_ITEM_CHARACTERS = 600
TLDR_SENTENCES = 3
SUMMARY_SENTENCES = (10, 15)

# Two sentences are one when they share three quarters of their distinct words (common to both, of all in either) and
# every number, or when one of some length stands inside the other. Small edits and another order keep more than that;
# two statements of one form about two things ("the read path uses a log", "the write path uses a log") keep less. On
# real pages, pairs above it were pull quotes and copied paragraphs, pairs below it parallel statements.
REPEATED_SHARE = 0.75
_MIN_CONTAINED = 5
_COMPARED = 60  # four times what the contract allows; more would only cost time

# A sentence of two clauses is one sentence; this many words of two that could stand alone are two (`prompts/` asks for
# 40 at most). What the page itself wrote as one sentence is one.
MOST_WORDS = 36
_LEAST_OF_TWO = 5
_JOINT = re.compile(r"; |, (?:and|but|while|whereas) | \u2014 ")

_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A phrase three times in a row, or a word four times: models run in such circles, people do not.
_LONGEST_PHRASE = 8  # words

_LABEL = re.compile(r"\W*(?:tl;?dr|summary|(?:sentence|point|item|bullet)\s*#?\d+)\s*[:.)\u2013\u2014-]", re.IGNORECASE)


def schema_validity(given: RuleInput) -> Iterator[str]:
    """Items are visible text on one line, at most `MAX_ITEM_CHARACTERS` long; prose begins with content."""
    for section, items in given.commentary:
        for place, item in enumerate(items, start=1):
            where = f"{section} item {place}"
            if not item.strip():
                yield f"{where} is empty: {item!r}; an item holds text"
                continue
            if unwanted := _invisible(item):
                yield f"{where} holds the character {unwanted!r}: {quoted(item)}; an item is one line of visible text"
            if len(item) > MAX_ITEM_CHARACTERS:
                yield (f"{where} has {len(item)} characters: {quoted(item)}; an item has at most {MAX_ITEM_CHARACTERS}")
            if section in {"tldr", "summary"} and (starts_with_marker(item) or _LABEL.match(item)):
                yield f"{where} starts with a bullet, a number or a label: {quoted(item)}; it starts with content"


def tldr_sentence_count(given: RuleInput) -> Iterator[str]:
    """Exactly three items, each one full sentence."""
    items = given.commentary.tldr
    sentences = sum(map(count_sentences, items))
    if len(items) != TLDR_SENTENCES or sentences != TLDR_SENTENCES:
        yield (
            f"the TL;DR has {counted(len(items), 'item')} with {counted(sentences, 'sentence')}; "
            f"exactly {TLDR_SENTENCES} items of one sentence each are wanted"
        )
    yield from _sentence_faults(items, given)


def summary_sentence_count(given: RuleInput) -> Iterator[str]:
    """Ten to fifteen items, each one full sentence, and as many distinct sentences."""
    low, high = SUMMARY_SENTENCES
    items = given.commentary.summary
    distinct = {normalise_sentence(sentence) for item in items for sentence in split_sentences(item)}
    if not (low <= len(items) <= high and low <= len(distinct) <= high):
        yield (
            f"the summary has {counted(len(items), 'item')} with {counted(len(distinct), 'different sentence')}; "
            f"{low} to {high} items of one sentence each are wanted"
        )
    yield from _sentence_faults(items, given)


def no_repeated_sentences(given: RuleInput) -> Iterator[str]:
    """No sentence of the TL;DR or the summary says again what an earlier one says."""
    earlier: list[tuple[str, str, str, frozenset[str]]] = []
    for section, items in (("tldr", given.commentary.tldr), ("summary", given.commentary.summary)):
        for place, item in enumerate(items, start=1):
            for sentence in split_sentences(item):
                folded = normalise_sentence(sentence)
                words = frozenset(folded.split())
                where = f"{section} item {place}"
                repeated = next((one for one in earlier if _repeats(folded, words, one[2], one[3])), None)
                if phrase := _endless(folded):
                    yield f"{where} says {quoted(phrase)} over and over: {quoted(sentence)}; nothing is said twice"
                elif repeated:
                    said = f"{quoted(sentence)} and {quoted(repeated[1])}"
                    yield f"{where} repeats {repeated[0]}: {said}; nothing is said twice"
                elif len(earlier) < _COMPARED:
                    earlier.append((where, sentence, folded, words))


def _endless(folded: str) -> str:
    """Return words that come three times without a break, or one that comes four times; empty without any."""
    words = folded.split()
    for length in range(1, _LONGEST_PHRASE + 1):
        wanted, same = max(2 * length, 3), 0
        for place in range(len(words) - length):
            same = same + 1 if words[place] == words[place + length] else 0
            phrase = words[place : place + length]
            if same >= wanted and any(character.isalpha() for character in " ".join(phrase)):
                return " ".join(phrase)
    return ""


def _invisible(item: str) -> str:
    """Return the first character that breaks a line or hides; empty when there is none."""
    hidden = (c for c in item if unicodedata.category(c) in _FORBIDDEN_CATEGORIES or c in _BIDI_CONTROLS)
    return "" if item.isprintable() else next(hidden, "")


def _sentence_faults(items: Sequence[str], given: RuleInput) -> Iterator[str]:
    for place, item in enumerate(items, start=1):
        if fault := sentence_fault(item):
            yield f"item {place} {fault}: {quoted(item)}; each item is one full sentence"
        elif joint := _joint(item, given):
            yield f"item {place} joins two sentences by {quoted(joint)}: {quoted(item)}; each item is one full sentence"


def _joint(item: str, given: RuleInput) -> str:
    """Return what joins two sentences to one that is too long, or two of the page to one that it does not have."""
    words = len(item.split())
    for joint in _JOINT.finditer(item):
        head, tail = f"{item[: joint.start()]}.", item[joint.end() :]
        halves = (head, tail[:1].upper() + tail[1:])
        if any(len(half.split()) < _LEAST_OF_TWO or sentence_fault(half) for half in halves):
            continue
        quotes = all(page_says(given.evidence, half) for half in halves)
        if (words > MOST_WORDS or quotes) and not page_says(given.evidence, item):
            return joint.group().strip()
    return ""


def _repeats(folded: str, words: frozenset[str], other: str, other_words: frozenset[str]) -> bool:
    if not words or not other_words:
        return False
    shorter, longer = sorted((folded, other), key=len)
    if folded == other or (len(shorter.split()) >= _MIN_CONTAINED and f" {shorter} " in f" {longer} "):
        return True
    if len(words & other_words) < REPEATED_SHARE * len(words | other_words):
        return False
    return not any(character.isdigit() for word in words ^ other_words for character in word)
