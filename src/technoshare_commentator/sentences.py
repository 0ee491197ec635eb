"""Sentences, as one segmenter sees them: the rules, the snippets and the extractive model all count alike.

`sentencex` cuts; a thin layer mends what technical prose gets wrong: identifiers (`ASP.NET`, `torch.Tensor`), closing
marks (`*Bold.*`), abbreviations and list numbers it does not know, inch marks it takes for quotations, and sentences it
hides because they stand inside one pair of quotes or brackets.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from technoshare_commentator import vocabulary

MIN_WORDS = 4

_BLANK_LINE = re.compile(r"\n\s*\n")
_SPACE = re.compile(r"\s+")
_CHUNK = re.compile(r".{1,20000}(?:\s|$)|.{20000}")  # sentencex is quadratic in unclosed quotes; no prose is that long
_WORD = re.compile(r"[^\W_]+(?:['\u2019.\-/+#]+[^\W_]+)*")
_CODE = re.compile(r"`[^`]*`")

# Where sentencex is mended. Masks keep the length, so that its offsets stay true.
_INCH = re.compile(r'(?<=\d)"(?=[\s,.;)]|$)')
_NO_INITIAL = re.compile(r"(?<=\d) (?=[a-zA-Z]\.)|(?<=\d\.)x(?=\.)")  # the s of "1.5 s." and the x of "3.x."
_OPENING_NUMBER = re.compile(r"^[(\[](?=(?:\d{1,3}|[a-zA-Z])[)\]]\s)")  # behind "(3) " it finds no end before the last
_NEARBY, _FAR = 40, 1000  # how many characters are looked at around a boundary, and for where an emphasis began
_UNSAFE = re.compile(r"[\ud800-\udfff]")
_CJK_ENDS = frozenset("。\uff01\uff1f")
_CLOSERS = re.compile(r"[*_`\"'”\u2019»)\]}]+(?=\s|$)")
_OPENED = re.compile(r"(?:^|[\s(\[\"'])[*_`]+\S")
_OMISSION = re.compile(r"\s(?:\.\.\.|…)$")
_QUOTED_REMARK = re.compile(r"[.!?][\"'”\u2019)\]]+$")
_GOES_ON = re.compile(
    r"(?:^|[\s(\[])(?:approx|avg|incl|excl|esp|resp|viz|cf|ca|e\.g|i\.e|vs|w\.r\.t)\.$", re.IGNORECASE
)
_GOES_ON_BEFORE_NUMBER = re.compile(
    r"(?:^|[\s(\[])(?:[Ff]igs?|[Ee]qs?|[Ee]qn|[Ss]ect?s?|Tabs?|Ch|[Cc]hap|Appx?|[Aa]lgs?|[Tt]hm|Lem|Defn?|Prop|Cor|[Rr]efs?|"
    r"[Nn]os?|[Vv]ol|[Vv]er|v|pp?|max|min)\.$"
)
_GOES_ON_BEFORE_LETTER = re.compile(r"(?:^|[\s(\[])(?:Figs?|Secs?|Sect|Tabs?|Chap|Appx?|Algs?)\.$")
_SINGLE_CAPITAL = re.compile(r"[A-Z]\b(?!\.\s)")
_ENUMERATOR = re.compile(r"(?:^|:\s)[(\[]?(?:\d{1,3}|[a-z])[.)]$", re.IGNORECASE)
_ENCLOSED = re.compile(r'"[^"]+"|“[^“”]+”|\([^()]+\)|\[[^\[\]]+\]')

# What a full sentence looks like.
_ENDING = re.compile(r"(?<![.…])[.!?][\"'”\u2019»)\]}*_`]*(?:\[\d+\])*$")
_START = re.compile(r"[\"'“\u2018«(\[*_`]*(?:[$€£¥~≈@/.]|--?)?[^\W_]")
_MARKER = re.compile(r"\s*(?:[-*+\u2022\u2023\u25aa\u25cf\u00b7>#|\u2013\u2014]+\s|[(\[]?(?:\d{1,3}|[a-z])[.)\]]\s)")
_LONE_CLOSING = re.compile(r"(?:(?:^|\s)[0-9a-zA-Z]{1,2}|[:;]-?)$")


@lru_cache(maxsize=8192)
def split_sentences(text: str) -> tuple[str, ...]:
    """Cut `text` into sentences in their order, white space folded; an empty text has none.

    A blank line always ends a sentence, a single line break never does.
    """
    parts: list[str] = []
    for paragraph in _BLANK_LINE.split(text):
        folded = _SPACE.sub(" ", paragraph).strip()
        for chunk in _CHUNK.findall(folded):
            parts.extend(part for piece in _segment(chunk) for part in _uncover(piece))
    return tuple(part for part in parts if part)


def count_sentences(text: str) -> int:
    """How many sentences the segmenter finds in `text`."""
    return len(split_sentences(text))


def is_full_sentence(text: str) -> bool:
    """Whether `text` is exactly one well-formed sentence; `sentence_fault` says why not."""
    return not sentence_fault(text)


def ending_fault(text: str) -> str:
    """Say what is wrong with the end of `text`, which may be several sentences, as `sentence_fault` does."""
    if not _ENDING.search(text.rstrip()):
        return "does not end with a full stop, an exclamation or a question mark"
    return "" if _balanced(text) else "leaves a bracket or quotation mark open"


def starts_with_marker(text: str) -> bool:
    """Whether `text` begins with a bullet or a list number (`- `, `• `, `1. `, `a) `) instead of content."""
    return bool(_MARKER.match(text))


@lru_cache(maxsize=8192)
def sentence_fault(text: str) -> str:
    """Say what keeps `text` from being one full sentence, as it follows "it" ("has no verb"); empty if nothing does."""
    sentences = split_sentences(text)
    if len(sentences) != 1:
        return f"holds {len(sentences)} sentences"
    sentence = sentences[0]
    words = _WORD.findall(sentence)
    begins = _START.match(sentence) and not starts_with_marker(sentence)
    cut_off = words[:1] and words[0] in vocabulary.FUNCTION_WORDS
    faults = (
        (len(words) < MIN_WORDS, f"has fewer than {MIN_WORDS} words"),
        (not _ENDING.search(sentence), "does not end with a full stop, an exclamation or a question mark"),
        (not begins or cut_off, "does not start like a sentence"),
        (not _balanced(sentence), "leaves a bracket or quotation mark open"),
        (not _has_predicate(words), "has no verb"),
    )
    return next((fault for present, fault in faults if present), "")


def normalise_sentence(text: str) -> str:
    """Fold case, punctuation and white space, for comparing repeats; `C++`, `C#` and `1.5` stay themselves."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"[^\W_]+(?:\.(?=\d)\d+)*[+#]*", folded))


def english_share(text: str) -> float:
    """Return the share (0 to 1) of words that are English function words no other big language writes alike.

    A dozen sentences of English technical prose reach 0.23 to 0.45, as many in another language at most 0.13; a single
    short English sentence can have none. A text without words has 0.
    """
    return _share(text, vocabulary.ENGLISH_ONLY)


def foreign_share(text: str) -> float:
    """Return the share (0 to 1) of words that are function words of another language; 0 in almost any English text."""
    return _share(text, vocabulary.FOREIGN)


def _share(text: str, vocabulary_words: frozenset[str]) -> float:
    words = [word.lower().replace("\u2019", "'") for word in _WORD.findall(_CODE.sub(" ", text)) if not word.isdigit()]
    return sum(word in vocabulary_words for word in words) / len(words) if words else 0.0


def _segment(text: str) -> list[str]:
    """Cut one paragraph with sentencex, then drop or move the boundaries it gets wrong."""
    import sentencex  # noqa: PLC0415 - a compiled segmenter that only real work needs

    masked = _INCH.sub("″", _NO_INITIAL.sub("0", _OPENING_NUMBER.sub("0", text)))
    masked = _UNSAFE.sub("?", masked.replace("'", "\u2019"))
    parts: list[str] = []
    start = end = 0
    for raw in sentencex.segment("en", masked):
        end += len(raw)
        stop = _true_boundary(text, start, end)
        if stop is not None:
            parts.append(text[start:stop].strip())
            start = stop
    if rest := text[start:].strip():
        parts.append(rest)
    return [part for part in parts if part]


def _true_boundary(text: str, start: int, end: int) -> int | None:
    """Where the sentence that began at `start` really ends, given the segmenter's `end`; None when it goes on."""
    if end <= start:
        return None
    end = _after_closers(text, end)
    glued = end < len(text) and not text[end - 1].isspace() and not text[end].isspace()
    if glued and text[end - 1] not in _CJK_ENDS:
        return None
    left, right = text[max(start, end - _NEARBY) : end].strip(), text[end : end + _NEARBY].lstrip()
    if _GOES_ON.search(left) or _OMISSION.search(left) or _ENUMERATOR.search(left):
        return None
    if right[:1].isdigit() and _GOES_ON_BEFORE_NUMBER.search(left):
        return None
    if _SINGLE_CAPITAL.match(right) and _GOES_ON_BEFORE_LETTER.search(left):
        return None
    return None if right[:1].islower() and _QUOTED_REMARK.search(left) else end


def _after_closers(text: str, end: int) -> int:
    """Take closing quotes, brackets and emphasis that were opened before along; `app.*` closes nothing."""
    closers = _CLOSERS.match(text, end)
    if closers is None:
        return end
    if closers.group()[0] in "*_`" and not _OPENED.search(text, max(0, end - _FAR), end):
        return end
    return closers.end()


def _uncover(sentence: str) -> list[str]:
    """Cut a sentence inside quotes or brackets that hold several of their own, and after an aside that opens it."""
    cuts = [0]
    for enclosed in _ENCLOSED.finditer(sentence):
        inner = _segment(enclosed.group()[1:-1])
        if not inner or not all(len(_WORD.findall(part)) >= MIN_WORDS for part in inner):
            continue
        position = enclosed.start() + 1
        for part in inner[:-1]:
            position = sentence.index(part, position) + len(part)
            cuts.append(position)
        rest = sentence[enclosed.end() : enclosed.end() + _NEARBY].lstrip()
        if enclosed.start() == 0 and inner[-1].endswith((".", "!", "?")) and rest[:1].isupper():
            cuts.append(enclosed.end())
    cuts.append(len(sentence))
    return [sentence[start:stop].strip() for start, stop in pairwise(cuts)]


def _balanced(sentence: str) -> bool:
    """Whether quotes and brackets come in pairs; code, smileys, `a)` and intervals such as `[0, 1)` do not count."""
    prose = _INCH.sub(" ", _CODE.sub(" ", sentence))
    if "`" in prose or prose.count('"') % 2 or prose.count("“") != prose.count("”"):
        return False
    depth = 0
    for position, character in enumerate(prose):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            if depth:
                depth -= 1
            elif not _LONE_CLOSING.search(prose[max(0, position - 4) : position]):
                return False
    return depth == 0


def _has_predicate(words: list[str]) -> bool:
    """Whether some word can be a finite verb, judged by word lists and endings; lenient, plural nouns pass."""
    lowered = [word.lower().replace("\u2019", "'") for word in words]
    if any(vocabulary.looks_like_a_verb(word) for word in lowered):
        return True
    return any(word in vocabulary.SUBJECT_PRONOUNS for word in lowered[:-1])
