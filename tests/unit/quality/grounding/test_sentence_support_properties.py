"""What holds for every sentence: quoted it passes, with a changed number or a denial put in it fails."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from technoshare_commentator.quality.grounding import Passage, SentenceChecker, evidence_passages
from technoshare_commentator.quality.grounding.language.quantities import is_counted, quantities
from technoshare_commentator.retrieval.frozen import evidence_from_file
from technoshare_commentator.sentences import is_full_sentence, split_sentences

PAGES = sorted(page for page in Path(__file__).parents[4].joinpath("evals", "pages").iterdir() if page.is_file())
AUXILIARY = re.compile(r"\b(?:is|are|was|were|can|will|has|have)\b(?= [a-z]{4,})")
NEGATIVE = re.compile(
    r"\b(?:not?|never|cannot|without|nobody|none|nothing|neither|nor|only|unless|few)\b|n't|\bun", re.IGNORECASE
)

NUMBERED = (
    "The broker needs 40 MB of memory when it is idle and 900 MB under load.",
    "A cluster of 3 brokers sustained 1.2 million messages per second.",
    "The 99th percentile of the write latency was 38 ms, against 410 ms in version 2.3.",
    "Storage costs fell by 87% because replicas no longer live on attached volumes.",
    "On a single node for 199 euros a month it answered 1,030 queries per second.",
    "Throughput fell by 12 percent with Orbweaver and by 55 percent with Nearfield.",
    "The bill fell from $212,000 to $79,000 a month within 9 weeks.",
    "Training took 9 days on 64 accelerators and 2.6 million questions.",
)


def checker(*texts: str) -> SentenceChecker:
    return SentenceChecker(Passage(f"s{place}", text) for place, text in enumerate(texts, start=1))


def sentences_of(path: Path) -> tuple[SentenceChecker, list[str]]:
    evidence = evidence_from_file(f"https://pages.example/{path.stem}", path)
    found = [sentence for snippet in evidence.snippets for sentence in split_sentences(snippet.text)]
    return SentenceChecker(evidence_passages(evidence)), [one for one in found if is_full_sentence(one)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_sentence_of_a_page_is_supported_by_it(path: Path) -> None:
    page, sentences = sentences_of(path)
    assert [one.sentence for one in map(page.check, sentences) if not one.supported] == []


@pytest.mark.parametrize("path", PAGES[::4], ids=lambda path: path.name)
def test_hardly_any_sentence_of_a_page_is_doubted_behind_a_few_words_of_ones_own(path: Path) -> None:
    page, sentences = sentences_of(path)
    doubted = [
        one for one in sentences if not page.check(f"According to the page, {one[0].lower()}{one[1:]}").supported
    ]
    assert len(doubted) <= 0.03 * len(sentences)


def test_a_denial_put_behind_an_auxiliary_is_caught() -> None:
    tried, missed = 0, []
    for path in PAGES[::3]:
        page, sentences = sentences_of(path)
        for sentence in sentences:
            if NEGATIVE.search(sentence) or not (place := AUXILIARY.search(sentence)):
                continue
            tried += 1
            denied = f"{sentence[: place.end()]} not{sentence[place.end() :]}"
            missed += [denied] if page.check(denied).supported else []
    assert tried > 100
    assert missed == []


@settings(deadline=None, max_examples=150)
@given(sentence=st.sampled_from(NUMBERED), which=st.integers(0, 9), digits=st.integers(2, 98))
def test_a_changed_number_is_caught(sentence: str, which: int, digits: int) -> None:
    places = [one for one in quantities(sentence) if is_counted(one) and re.search(r"\d", one.text)]
    place = places[which % len(places)]
    other = re.sub(r"\d[\d,.]*", f"{digits}1", place.text, count=1)
    held = {one.value for one in quantities(sentence)} | {one.exact for one in quantities(sentence)}
    [changed] = [one for one in quantities(other) if not one.implied][:1]
    assume(changed.value not in held and changed.exact not in held and not place.text.endswith("th"))
    told = f"{sentence[: place.start]}{other}{sentence[place.start + len(place.text) :]}"
    assert not checker(*NUMBERED).check(told).supported


TEXT = st.text(max_size=200) | st.lists(
    st.sampled_from(
        [*" ".join(NUMBERED).split(), "not", '"', "instead", "of", "%", "$", "than", "(", "|", "1e999", "٣"]
    ),
    max_size=30,
).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(sentence=TEXT, page=st.lists(TEXT, max_size=3))
def test_any_text_is_judged_and_always_alike(sentence: str, page: list[str]) -> None:
    first, second = checker(*page).check(sentence), checker(*page).check(sentence)
    assert first == second
    assert set(first.snippet_ids) <= {f"s{place}" for place in range(1, len(page) + 1)}


def test_a_huge_page_takes_less_than_two_seconds() -> None:
    varied = [
        f"{sentence[:-1]} in run {number} of the series."
        for number in range(200_000 // len(" ".join(NUMBERED)))
        for sentence in NUMBERED
    ]
    texts = [" ".join(varied[start : start + 6]) for start in range(0, len(varied), 6)]
    claims = [f"In the end {sentence[0].lower()}{sentence[1:]}" for sentence in NUMBERED * 2][:15]
    started = time.process_time()
    page = checker(*texts)
    checked = [page.check(claim) for claim in claims]
    assert time.process_time() - started < 2
    assert all(one.snippet_ids for one in checked)
