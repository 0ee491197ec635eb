"""The proper names of a sentence: what it says exists, was built, was used or was measured.

A name is told by its letters (`PyTorch`, `HTTP`, `H100`, `Node.js`, `max_tokens`), or by a capital where English has
none. At the start of a sentence, where every word has one, a word counts only when it stands there as English lets
names stand and little else: bare in front of a verb (`Lyft built`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator import vocabulary
from technoshare_commentator.quality.grounding.language.quantities import starts_with_quantity
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words joined by marks that stand inside names: Node.js, GPT-4, AT&T, CI/CD, a::b, user@host; then C++ and C#.
_TOKEN = re.compile(r"\w+(?:(?:[.\-'\u2019/&@:\u2013]+|\+(?=\w))\w+)*(?:\+\+|\+|#)?")
_PART = re.compile(r"[-/\u2013&@]|::?")
_FOLDED_AWAY = re.compile(r"[^\w+#]|_")
_POSSESSIVE = re.compile(r"['\u2019]s?$")
_SENTENCE_START = re.compile(r"(?:^|[.!?][\"'\u201d\u2019)\]]*\s)[\s*_`\"'\u201c\u2018(\[]*$")
_CLAUSE_START = re.compile(r"(?::\s|[\"\u201c\u2018])[\s*_`\"'\u201c\u2018(\[]*$")
_NEARBY = 12
_INITIALS = re.compile(r"(?:\w\.)+\w$")
_JOINED_NUMBER = re.compile(r"([a-z]+)-[0-9]")

# Written with capitals, but no claim about the world: what any text about technology calls things.
_GENERIC = word_set("""
    AI API APIs CD CI CI/CD CLI CPU CPUs FAQ GUI I ID IDs IT LLM LLMs ML OK OS PR PRs Q&A README TL;DR UI URL URLs UX
    Algorithm Appendix Chapter Equation Figure Part Release Section Step Table Theorem Version
""")
_PREFIXES = word_set("best early half late mid multi near non over post pre sub top under up")


@dataclass(frozen=True)
class Name:
    """A proper name as written, without its possessive, and where it begins in its sentence."""

    text: str
    start: int


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """Yield every word and compound of `text` with its position."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        yield (word if word.isalnum() else _POSSESSIVE.sub("", word)), match.start()


def parts(token: str) -> list[str]:
    """Take a compound apart at hyphens and slashes: `PyTorch-based` is `PyTorch` and `based`."""
    return [token] if token.isalnum() else [part for part in _PART.split(token) if part]


def key(token: str) -> str:
    """Fold a name for comparing: case, dots and hyphens do not tell `Node.js` from `NodeJS`; `+` and `#` tell `C#`."""
    return token.casefold() if token.isalnum() else _FOLDED_AWAY.sub("", token.casefold())


def names(sentence: str) -> Iterator[Name]:
    """Yield the proper names of one sentence, compounds whole; of `8-GPU`, where the number counts itself, `GPU`."""
    found = list(tokens(sentence))
    for place, (word, start) in enumerate(found):
        if starts_with_quantity(word):
            yield from (Name(part, start) for part in parts(word)[1:] if has_marks_of_a_name(part))
        elif _is_name(word, sentence[max(0, start - _NEARBY) : start], _following(sentence, found, place)):
            yield Name(word, start)


def has_marks_of_a_name(word: str) -> bool:
    """Whether the letters alone make `word` a name: inner capitals, digits, dots, underscores, `+` or `#`."""
    if word in _GENERIC or (word.isupper() and word.lower() in vocabulary.FUNCTION_WORDS):
        return False
    if joined := _JOINED_NUMBER.match(word):
        return joined.group(1) not in _PREFIXES
    if any(character.isupper() for character in word[1:]) or word.endswith(("+", "#")) or "_" in word:
        return any(character.isalpha() for character in word)
    has_digit = any(character.isdigit() for character in word) and any(character.isalpha() for character in word)
    return has_digit or ("." in word and not _INITIALS.match(word))


def _following(sentence: str, found: list[tuple[str, int]], place: int) -> list[str]:
    """Return the words behind the one at `place` that tell whether it is a subject; an `'s` reads as "is"."""
    word, start = found[place]
    if sentence.startswith(("'s", "\u2019s"), start + len(word)):
        return ["is"]
    return [then for then, _ in found[place + 1 : place + 5]]


def _is_name(word: str, before: str, following: list[str]) -> bool:
    if has_marks_of_a_name(word):
        return True
    if not word[0].isupper() or word in _GENERIC or word.lower() in vocabulary.FUNCTION_WORDS:
        return False
    if _SENTENCE_START.search(before):
        return vocabulary.opens_as_a_name(word, following)
    return not (_CLAUSE_START.search(before) and vocabulary.is_common(word))
