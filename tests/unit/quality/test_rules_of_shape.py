from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.quality.rules import (
    no_repeated_sentences,
    schema_validity,
    summary_sentence_count,
    tldr_sentence_count,
)

if TYPE_CHECKING:
    from contract_case import Case

FULL = "The broker keeps a small cache of hot segments in memory."


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("", "summary item 2 is empty: ''"),
        (" \t ", "is empty"),
        ("It runs\non one line.", r"holds the character '\n'"),
        ("It runs\x1b[31m in red.", r"holds the character '\x1b'"),
        ("It runs\u2028on one line.", r"holds the character '\u2028'"),
        ("It runs \u202ebackwards.", r"holds the character '\u202e'"),
        ("- It runs on one line.", "starts with a bullet, a number or a label"),
        ("2. It runs on one line.", "starts with a bullet, a number or a label"),
        ("TL;DR: It runs on one line.", "starts with a bullet, a number or a label"),
        ("**Sentence 2:** It runs on one line.", "starts with a bullet, a number or a label"),
        ("It runs " + "very " * 130 + "fast.", "has 663 characters"),
    ],
)
def test_an_item_is_one_line_of_visible_text_that_starts_with_content(good: Case, item: str, reason: str) -> None:
    [failure] = good.item("summary", 2, item).breaks(schema_validity)
    assert reason in failure


def test_a_number_or_a_label_may_start_a_bullet_but_not_be_empty(good: Case) -> None:
    assert good.item("projects", 1, "**General** — 1. Try it soon.").breaks(schema_validity) == []
    assert good.item("projects", 1, "").breaks(schema_validity) == ["projects item 1 is empty: ''; an item holds text"]


def test_a_sentence_of_600_characters_is_still_allowed(good: Case) -> None:
    assert good.item("summary", 1, "x" * 600).breaks(schema_validity) == []
    assert good.item("summary", 1, "x" * 601).breaks(schema_validity) != []


def test_emoji_joined_by_an_invisible_character_are_visible_text(good: Case) -> None:
    assert good.item("summary", 1, "It is for 👩\u200d💻 and others.").breaks(schema_validity) == []


def test_the_tldr_has_exactly_three_sentences(good: Case) -> None:
    items = good.given.commentary.tldr
    assert good.breaks(tldr_sentence_count) == []
    assert good.items(tldr=items[:2]).breaks(tldr_sentence_count) == [
        "the TL;DR has 2 items with 2 sentences; exactly 3 items of one sentence each are wanted"
    ]
    assert "has 4 items with 4 sentences" in good.items(tldr=(*items, FULL)).breaks(tldr_sentence_count)[0]


def test_sentences_are_counted_in_the_text_and_not_in_the_list(good: Case) -> None:
    first, second, third = good.given.commentary.tldr
    count, fault = good.items(tldr=(first, second, f"{third} {FULL}")).breaks(tldr_sentence_count)
    assert "3 items with 4 sentences" in count
    assert fault.startswith("item 3 holds 2 sentences: 'Transactions are not supported yet")
    assert fault.endswith("; each item is one full sentence")
    [fewer_items, two_in_one] = good.items(tldr=(first, f"{second} {third}")).breaks(tldr_sentence_count)
    assert "2 items with 3 sentences" in fewer_items
    assert "item 2 holds 2 sentences" in two_in_one


@pytest.mark.parametrize(
    ("item", "fault"),
    [
        ("The broker keeps a small cache", "does not end with a full stop"),
        ("A faster and cheaper way to the cloud.", "has no verb"),
        ("and it keeps a small cache in memory.", "does not start like a sentence"),
        ("It (the broker keeps a cache in memory.", "leaves a bracket or quotation mark open"),
        ("The options are as follows:", "does not end"),
        ("It just works.", "has fewer than 4 words"),
    ],
)
def test_every_item_of_the_tldr_and_the_summary_is_a_full_sentence(good: Case, item: str, fault: str) -> None:
    [in_tldr] = good.item("tldr", 2, item).breaks(tldr_sentence_count)
    [in_summary] = good.item("summary", 4, item).breaks(summary_sentence_count)
    assert in_tldr.startswith(f"item 2 {fault}")
    assert in_summary.startswith(f"item 4 {fault}")


@pytest.mark.parametrize(("size", "kept"), [(9, False), (10, True), (11, True)])
def test_the_summary_has_ten_to_fifteen_sentences(good: Case, size: int, *, kept: bool) -> None:
    case = good.items(summary=good.given.commentary.summary[:size])
    assert len(case.given.commentary.summary) == size
    assert (case.breaks(summary_sentence_count) == []) == kept


def test_sixteen_sentences_are_too_many(good: Case) -> None:
    items = tuple(f"The broker number {place} keeps its own cache." for place in range(16))
    assert good.items(summary=items[:15]).breaks(summary_sentence_count) == []
    [failure] = good.items(summary=items).breaks(summary_sentence_count)
    assert "16 items with 16 different sentences; 10 to 15 items" in failure


def test_twelve_copies_of_a_sentence_are_one_sentence(good: Case) -> None:
    case = good.items(summary=(FULL, FULL.upper(), *([FULL] * 10)))
    assert case.breaks(summary_sentence_count) == [
        "the summary has 12 items with 1 different sentence; 10 to 15 items of one sentence each are wanted"
    ]
    assert len(case.breaks(no_repeated_sentences)) == 6
    assert case.breaks(no_repeated_sentences)[-1] == "and 6 more failures of this rule"


REPEATS = [
    "the broker keeps a small cache, of hot segments in memory!",
    "The broker keeps a very small cache of hot segments in memory.",
    "In memory the broker keeps a small cache of hot segments.",
    "The broker keeps a small cache of hot segments in memory, which makes reads of recent data cheap for everyone.",
]


@pytest.mark.parametrize("repeat", REPEATS)
def test_a_sentence_said_again_in_nearly_the_same_words_is_a_repeat(good: Case, repeat: str) -> None:
    [failure] = good.item("summary", 1, FULL).item("summary", 5, repeat).breaks(no_repeated_sentences)
    assert failure.startswith("summary item 5 repeats summary item 1: ")


def test_the_summary_may_not_repeat_the_tldr(good: Case) -> None:
    [failure] = good.item("summary", 3, good.given.commentary.tldr[1]).breaks(no_repeated_sentences)
    assert failure.startswith("summary item 3 repeats tldr item 2: 'Storage costs fell by 87%")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The read path uses a log.", "The write path uses a log."),
        ("In 2023 the team had 5 people.", "In 2024 the team had 9 people."),
        ("Each vector takes 4 bytes of storage here.", "Each vector takes 8 bytes of storage here."),
        ("The tool is written in C++ today.", "The tool is tested in C# today."),
    ],
)
def test_two_statements_of_one_form_are_no_repeat(good: Case, one: str, other: str) -> None:
    assert good.item("summary", 1, one).item("summary", 2, other).breaks(no_repeated_sentences) == []


@pytest.mark.parametrize(
    "circle",
    [
        "The broker is fast and fast and fast and fast and small.",
        "The broker is very very very very fast.",
        "It keeps the log, in the log, in the log, in the log of the broker.",
    ],
)
def test_a_sentence_that_runs_in_a_circle_is_told(good: Case, circle: str) -> None:
    [failure] = good.item("summary", 2, circle).breaks(no_repeated_sentences)
    assert "over and over" in failure


@pytest.mark.parametrize(
    "fine",
    [
        "The broker is very, very fast when it reads from the cache of the cluster.",
        "It had had its day, and that that is so was known to all of the team.",
        "The values 0 0 0 0 0 0 mean that nothing was measured.",
        "It goes from one to one and a half to one and a quarter.",
    ],
)
def test_a_word_twice_or_a_row_of_numbers_is_no_circle(good: Case, fine: str) -> None:
    assert good.item("summary", 2, fine).breaks(no_repeated_sentences) == []


@pytest.mark.parametrize("joint", ["; ", ", and ", ", while ", " \u2014 "])
def test_two_sentences_of_the_page_do_not_become_one(good: Case, joint: str) -> None:
    first, second = (good.given.commentary.summary[place] for place in (2, 5))
    merged = f"{first.removesuffix('.')}{joint}{second[0].lower()}{second[1:]}"
    [failure] = good.item("summary", 3, merged).breaks(summary_sentence_count)
    assert f"joins two sentences by {joint.strip()!r}" in failure


def test_a_long_sentence_of_two_that_could_stand_alone_is_told(good: Case) -> None:
    long = (
        "Batches travel to the object store in one write and are kept in memory by every broker that serves them; "
        "readers who fall behind fetch older segments from the store directly and pay for that with a higher latency."
    )
    [failure] = good.item("summary", 3, long).breaks(summary_sentence_count)
    assert "joins two sentences by ';'" in failure


def test_a_sentence_of_two_clauses_is_one_and_so_is_what_the_page_wrote_as_one(good: Case) -> None:
    clauses = "Compaction runs on a node of its own, and the brokers stay free for other work."
    assert good.item("summary", 3, clauses).breaks(summary_sentence_count) == []
    snippet = good.given.evidence.snippets[0]
    first, second = good.given.commentary.summary[2:4]
    joined = f"{first.removesuffix('.')}; {second[0].lower()}{second[1:]}"
    page = (*good.given.evidence.snippets, snippet.model_copy(update={"id": "s9", "text": joined}))
    assert good.item("summary", 3, joined).breaks(summary_sentence_count) != []
    assert good.item("summary", 3, joined).evidence(snippets=page).breaks(summary_sentence_count) == []
