from __future__ import annotations

import pytest

from authored_page import TITLE, authored_page, evidence_of
from technoshare_commentator.domain import split_bullet
from technoshare_commentator.llm.extractive.candidates import find_candidates
from technoshare_commentator.llm.extractive.similar import MAX_BULLETS, similar_bullets


def names(*sentences: str, title: str = "Marlstone 3.0") -> list[str]:
    bullets = similar_bullets(find_candidates(evidence_of(*sentences, title=title)), title)
    return [taken[0] for bullet in bullets if (taken := split_bullet(bullet))]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Unlike Gravelpit, Marlstone keeps its index in a single file.", ["Gravelpit"]),
        ("Compared with Siltbase, Marlstone uses a sixth of the memory.", ["Siltbase"]),
        ("Marlstone is twice as small and much faster than Silt DB on laptops.", ["Silt DB"]),
        (
            "Marlstone competes with alternatives such as Gravelpit, SiltDB and Loamstore today.",
            ["Gravelpit", "SiltDB", "Loamstore"],
        ),
        ("The query language of Marlstone is similar to Loam.js in most respects.", ["Loam.js"]),
        ("We migrated from Gravelpit because its cluster needed three machines.", ["Gravelpit"]),
        ("The design of Marlstone was inspired by LoamStore and its log.", ["LoamStore"]),
        ("We use it instead of Gravelpit wherever a server is too much.", ["Gravelpit"]),
        ("Marlstone keeps a log of changes, while Gravelpit writes pages in place.", ["Gravelpit"]),
        ("Marlstone outperforms Gravelpit on every query of the benchmark.", ["Gravelpit"]),
        ("A hosted alternative, Siltbase, was the fastest in our trial of Marlstone.", ["Siltbase"]),
    ],
)
def test_names_that_the_page_sets_beside_its_subject_are_found(sentence: str, expected: list[str]) -> None:
    assert names(sentence) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Unlike Marlstone 2.0, Marlstone keeps its index in a single file.",
        "Unlike most engines, Marlstone keeps its index in a single file.",
        "Compared with March, Marlstone was used twice as often in May.",
        "Compared with Germany, Marlstone has more users in France.",
        "Marlstone was inspired by Ada Lovelace and her notes on the engine.",
        "Marlstone is faster than Smith et al. reported in their paper.",
        "Marlstone uses the GPU instead of CPU cores for the last step.",
        "Marlstone answers queries and runs on Linux without a server.",
        "Gravelpit is slower than Siltbase on every machine of the lab.",
        "Native histograms of Marlstone are an alternative to Classic Histograms.",
        "Marlstone is more stable rather than Concatenating files of a segment.",
    ],
)
def test_other_capitals_are_not(sentence: str) -> None:
    assert names(sentence) == []


def test_a_name_that_opens_the_sentence_must_be_known_from_elsewhere_on_the_page() -> None:
    opening = "Loamstore needs even less memory than Marlstone on a laptop."

    assert names(opening) == []
    assert names(opening, "The test compared eight engines, among them Loamstore and others.") == ["Loamstore"]


def test_the_bullet_is_the_sentence_that_says_so() -> None:
    bullets = similar_bullets(find_candidates(authored_page()), TITLE)

    assert [bullet.split(" \u2014 ")[0] for bullet in bullets] == ["**Gravelpit**", "**Siltbase**"]
    assert all(bullet.split(" \u2014 ")[1] in authored_page().text for bullet in bullets)


def test_there_are_never_more_than_eight() -> None:
    sentences = [
        f"Unlike Stone{chr(97 + n)}{chr(97 + n)}, Marlstone keeps {n + 2} of its files open on the disk."
        for n in range(12)
    ]

    assert len(names(*sentences)) == MAX_BULLETS


def test_a_title_that_compares_names_its_rival() -> None:
    assert names(
        "Marlstone vs. Gravelpit is decided by how much memory there is.", title="Marlstone vs. Gravelpit"
    ) == ["Gravelpit"]
