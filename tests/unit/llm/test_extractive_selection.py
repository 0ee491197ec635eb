from __future__ import annotations

from authored_page import authored_page, evidence_of
from technoshare_commentator.llm.extractive.aspects import Aspect, aspects_of, foremost, unknowns
from technoshare_commentator.llm.extractive.candidates import Candidate
from technoshare_commentator.llm.extractive.choice import Choice
from technoshare_commentator.llm.extractive.selection import (
    FACTS,
    SUMMARY,
    choose_facts,
    choose_summary,
    choose_tldr,
    without_repeats,
)

WHAT = "Marlstone is an embedded vector search engine for laptops."
HOW = "The keyword branch runs on separate threads and merges its rankings with the other."
FIGURE = "Ten million passages are answered in 4.1 ms at the median."


def candidate(text: str, position: int, *, weight: float = 1.0, leans: bool = False, snippet: str = "s1") -> Candidate:
    return Candidate(text=text, snippet_id=snippet, position=position, weight=weight, leans=leans)


def distinct(count: int) -> list[Candidate]:
    words = [f"{first}{second}" for first in "bcdfghklmn" for second in ("ander", "olster", "umming", "eller")]
    found = [candidate(f"The {word}ed {word}ork needs {word}ish.", place) for place, word in enumerate(words)]
    return found[:count]


def test_near_duplicates_are_chosen_once() -> None:
    one = candidate("The index is kept in memory by the server.", 0)
    two = candidate("The server keeps the index in its memory.", 1)
    other = candidate("Recall was measured with a thousand questions.", 2)

    assert Choice({one: 1.0, two: 0.9, other: 0.1}).pick(3) == [one, other]


def test_a_sentence_that_contains_another_is_its_repeat() -> None:
    inner = candidate("It is as fast as it was.", 0)
    outer = candidate("They say that it is as fast as it was.", 1)

    assert Choice({inner: 1.0, outer: 0.9}).pick(2) == [inner]


def test_a_leaning_sentence_is_worth_more_behind_its_support() -> None:
    support = candidate("The index is kept in a file on disk.", 0)
    leaning = candidate("It doubles the speed of every rebuild.", 1, leans=True)
    stranger = candidate("That halves what storage costs in a month.", 5, leans=True)

    assert Choice({support: 1.0, leaning: 0.5, stranger: 0.55}).pick(2) == [support, leaning]


def test_facts_are_never_more_than_wanted() -> None:
    assert len(choose_facts(dict.fromkeys(distinct(40), 1.0))) == FACTS


def test_facts_cover_figures_though_other_sentences_score_higher() -> None:
    many = dict.fromkeys(distinct(35), 0.9)
    figure = candidate(FIGURE, 99)

    assert figure in choose_facts({**many, figure: 0.8})


def test_repeats_of_a_checkpoint_are_dropped_and_the_order_is_kept() -> None:
    one, two, three = candidate(WHAT, 0), candidate(HOW, 1), candidate(WHAT.replace("laptops", "a laptop"), 2)

    assert without_repeats([two, one, three, two]) == (two, one)


def test_the_tldr_says_what_it_is_then_how_then_how_much() -> None:
    facts = [candidate(FIGURE, 7), candidate(HOW, 5), candidate(WHAT, 0), *distinct(5)]

    assert [fact.text for fact in choose_tldr(facts, "Marlstone 3.0")] == [WHAT, HOW, FIGURE]


def test_the_tldr_avoids_sentences_that_lean() -> None:
    leaning = candidate("It is a vector search engine called Marlstone for 3 million users.", 0, leans=True)
    facts = [leaning, candidate(WHAT, 1), candidate(HOW, 5), candidate(FIGURE, 7)]

    assert leaning not in choose_tldr(facts, "Marlstone 3.0")


def test_fewer_facts_give_a_shorter_tldr() -> None:
    assert choose_tldr([], "Marlstone") == ()
    assert len(choose_tldr([candidate(WHAT, 0)], "Marlstone")) == 1


def test_the_summary_is_in_page_order_and_repeats_nothing_of_the_tldr() -> None:
    facts = distinct(20)[::-1]
    tldr = choose_tldr(facts, "A title")

    summary = choose_summary(facts, tldr)

    assert len(summary) == SUMMARY
    assert [fact.position for fact in summary] == sorted(fact.position for fact in summary)
    assert not set(summary) & set(tldr)


def test_ill_formed_sentences_only_fill_the_summary_up_to_ten() -> None:
    facts = [
        *distinct(5),
        *[
            candidate(one.text.replace("needs", "lacks"), 100 + n, weight=0.3)
            for n, one in enumerate(distinct(40)[10:30])
        ],
    ]

    assert len(choose_summary(facts, ())) == 10


def test_aspects_are_told_by_their_cues() -> None:
    assert Aspect.WHAT in aspects_of(WHAT)
    assert Aspect.FIGURES in aspects_of(FIGURE)
    assert Aspect.LIMITS in aspects_of("Marlstone does not support replication.")
    assert Aspect.NEW in aspects_of("Version 3.0 adds streaming inserts.")
    assert foremost("Marlstone now answers in 4 ms.") is Aspect.FIGURES
    assert foremost("Marlstone sleeps.") is Aspect.WHAT


def test_what_the_page_does_not_speak_about_is_unknown() -> None:
    assert unknowns(authored_page()) == ()
    assert unknowns(evidence_of("Marlstone is a boat.")) == (
        "how it works",
        "figures or measurements",
        "limits or trade-offs",
        "what is new",
        "alternatives",
        "licence",
    )


def test_a_licence_in_the_metadata_is_known() -> None:
    evidence = evidence_of("Marlstone is a boat.").model_copy(update={"metadata": {"license": "MIT"}})

    assert "licence" not in unknowns(evidence)
