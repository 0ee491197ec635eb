"""Technology that the page itself sets beside its subject."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.domain import format_bullet
from technoshare_commentator.llm.extractive.cleaning import prose
from technoshare_commentator.llm.extractive.vectors import terms
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.llm.extractive.candidates import Candidate

MAX_BULLETS = 8
_PER_SENTENCE = 3

_WORD = r"[A-Z][\w+#]*(?:[.\-/][\w+#]+)*"
_NAME = rf"{_WORD}(?: {_WORD}){{0,2}}"
_NAMES = rf"(?P<names>{_NAME}(?:, {_NAME})*(?:,? (?:and|or|and/or) {_NAME})?)(?!'s| et al| ?\(\d{{4}}|\w)"
_VANILLA = r"(?:(?:the|vanilla|plain|stock|traditional|classic|existing|original) )?"
_PRODUCTS = (
    r"(?:tools|libraries|packages|projects|systems|frameworks|databases|engines|platforms|products|services|languages)"
)
_CUES = (
    r"\b[Uu]nlike(?: with| in)?",
    r"\b(?:[Cc]ompared|[Cc]omparable|[Ii]n comparison|[Ii]n contrast) (?:to|with|against)",
    r"\balternatives? (?:such as|like|to|including|include|are)",
    r"\b[Aa]lternatives?,",
    r"\b[Ss]imilar(?:ly)? to",
    rf"\b(?:similar|other|comparable|competing|rival) (?:\w+ )?{_PRODUCTS} (?:such as|like)",
    r"\b(?:vs\.?|versus)",
    r"\b(?:[Ii]nspired by|[Mm]odell?ed (?:on|after))",
    r"\b(?:[Ii]nstead of|[Ii]n place of|[Rr]ather than)(?: (?:using|running))?",
    r"\b(?:[Mm]igrat\w+|[Mm]ov\w+|[Ss]witch\w+|[Cc]oming|[Cc]ame) (?:away )?from",
    r"\b(?:replacements? for|[Rr]eplac(?:es|ed|ing))",
    r"\b(?:(?:fast|slow|small|larg|cheap|light|simpl|easi)e?r|better|worse|(?:more|less|fewer) (?:\w+ )?\w+) than",
    r"\b[Oo]utperforms?",
)
_BESIDE = tuple(re.compile(rf"(?:{cue}) {_VANILLA}{_NAMES}") for cue in _CUES)
# These set two things side by side, and the subject has to be the other of the two.
_WHILE = re.compile(rf"\b(?:while|whereas) (?P<names>{_NAME}) (?:\w+s|can|did|will)\b")
_THAN = re.compile(rf"^(?P<names>{_NAME}) (?=[a-z]).*?\bthan\b")
_PEOPLE = re.compile(r"\b(?:[Ii]nspired by|[Mm]odell?ed (?:on|after)) [A-Z][a-z]+ [A-Z][a-z]+")
_SELF = re.compile(r"\b(?:we|our|us)\b|^(?:it|its|this|these|they)\b|, (?:it|this|they)\b", re.IGNORECASE)
# Capitals that name no technology one could use instead.
_NO_TECHNOLOGY = word_set("""
    a an and as at but by for from he her his i if in it its most my no not of on one or our she so some that the their
    then there these they this those to we when while with you your all any each both either neither other others
    another january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday
    america american asia asian australia austria belgium brazil britain british canada china chinese denmark english
    europe european finland france french german germany greece india indian ireland israel italian italy japan japanese
    korea london mexico netherlands norway poland portugal russia spain spanish sweden switzerland turkey uk us usa
    api apis cli cpu cpus gpu gpus ram ssd hdd http https json xml yaml csv html css sql url urls uri ui ux os io ai ml
    llm llms nlp rag sdk ide tcp udp ip dns tls ssl id ids pdf ci cd pep pr rfc cve
    figure table section chapter appendix equation algorithm version level step phase part case option note todo
""")
# "Classic Histograms" and "Native Code" are kinds of a thing, not things.
_KINDS = word_set(
    "histogram code model function type class method mode version release system tool data index test page"
)


def similar_bullets(candidates: Sequence[Candidate], title: str) -> tuple[str, ...]:
    """Return at most `MAX_BULLETS` bullets `**Name** — the sentence that sets it beside the subject`; none is normal.

    `candidates` are all quotable sentences of the page in its order. Only names written with a capital count, and never
    the subject's own: rather none than a wrong one.
    """
    subject = frozenset(terms(re.split(r"\b(?:vs\.?|versus|compared)\b", title, flags=re.IGNORECASE)[0]))
    found: dict[str, str] = {}
    for candidate in candidates:
        for name in _names(candidate.text, subject):
            if not candidate.text.startswith(name) or any(f" {name}" in other.text for other in candidates):
                found.setdefault(name, candidate.text)
    return tuple(format_bullet(name, text) for name, text in list(found.items())[:MAX_BULLETS])


def _names(sentence: str, subject: frozenset[str]) -> Iterator[str]:
    given = 0
    for names in _beside_the_subject(prose(sentence), subject):
        for name in re.split(r",? (?:and/or|and|or) |, ", names):
            if given < _PER_SENTENCE and _is_technology(name, subject):
                given += 1
                yield name


def _beside_the_subject(plain: str, subject: frozenset[str]) -> Iterator[str]:
    """Yield the names, as they stand in a row, that the sentence compares with the subject or with its makers."""
    if (match := _WHILE.search(plain)) and subject & set(terms(plain[: match.start()])):
        yield match["names"]
    if (match := _THAN.search(plain)) and subject & set(terms(plain[match.end() :])):
        yield match["names"]
    if not _PEOPLE.search(plain) and (_SELF.search(plain) or subject & set(terms(plain))):
        for pattern in _BESIDE:
            yield from (match["names"] for match in pattern.finditer(plain))


def _is_technology(name: str, subject: frozenset[str]) -> bool:
    words = name.lower().split()
    plain = name.endswith("ing") or words[0] in _NO_TECHNOLOGY or words[-1].rstrip("s") in _KINDS
    return len(name) > 1 and not plain and not subject & set(terms(name))
