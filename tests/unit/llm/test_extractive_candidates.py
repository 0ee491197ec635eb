from __future__ import annotations

from typing import TYPE_CHECKING

from authored_page import authored_page, evidence_of
from technoshare_commentator.llm.extractive.candidates import find_candidates

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence

SENTENCE = "Marlstone keeps its index in a single file on disk."


def texts(evidence: Evidence) -> list[str]:
    return [candidate.text for candidate in find_candidates(evidence)]


def test_candidates_keep_the_order_of_the_page_and_name_their_snippet() -> None:
    candidates = find_candidates(authored_page())

    assert [candidate.position for candidate in candidates] == sorted(candidate.position for candidate in candidates)
    assert candidates[0].snippet_id == "s1"
    assert candidates[0].text.startswith("Marlstone is an embedded vector search engine")


def test_a_sentence_that_stands_twice_is_one_candidate() -> None:
    assert texts(evidence_of(SENTENCE, SENTENCE.upper().capitalize(), SENTENCE)) == [SENTENCE]


def test_sections_about_the_makers_give_nothing() -> None:
    for section in ("License", "Contributing", "Authors and License", "Where do I go from here?", "Further reading"):
        assert texts(evidence_of(SENTENCE, sections=(section,))) == []


def test_sections_that_only_sound_like_it_are_read() -> None:
    for section in ("Community detection in graphs", "Borrowed references", "Resource limits", "Thanksgiving load"):
        assert texts(evidence_of(SENTENCE, sections=(section,))) == [SENTENCE]


def test_sections_that_say_which_keys_to_press_weigh_less() -> None:
    (normal,) = find_candidates(evidence_of(SENTENCE, sections=("Design",)))
    (manual,) = find_candidates(evidence_of(SENTENCE, sections=("Installation",)))

    assert manual.weight < normal.weight


def test_the_rest_of_a_sentence_that_code_cut_in_two_is_left_out() -> None:
    evidence = evidence_of(
        "The conversation often turns to the number of times the sequence", "shows up in ordinary code."
    )

    assert texts(evidence) == []


def test_a_name_in_lower_case_may_begin_a_sentence_when_the_title_has_it() -> None:
    sentence = "marlstone keeps its index in a single file on disk."

    assert texts(evidence_of(sentence, title="marlstone")) == [sentence]
    assert texts(evidence_of(sentence, title="A library", url="https://example.org/")) == []


def test_a_page_in_another_language_gives_nothing() -> None:
    german = "Die Datenbank hält ihren Index in einer Datei und braucht keinen Server, der nachts läuft."

    assert texts(evidence_of(german, german.replace("Datenbank", "Software"))) == []


def test_markdown_of_a_list_is_read_item_by_item() -> None:
    evidence = evidence_of(
        f"- **{SENTENCE[:-1]}**\n- Efficient memory use\n- The reader never blocks the writer at all"
    )

    assert texts(evidence) == [SENTENCE, "The reader never blocks the writer at all."]
