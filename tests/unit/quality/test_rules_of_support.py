from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract_case import PAGE, theme
from technoshare_commentator.domain import Coverage, Fact, Snippet
from technoshare_commentator.quality.rules import (
    coverage,
    english,
    facts_cited,
    names_supported,
    numbers_supported,
    sentences_supported,
)

if TYPE_CHECKING:
    from contract_case import Case


def snippets(*texts: str) -> tuple[Snippet, ...]:
    return tuple(Snippet(id=f"s{place}", text=text) for place, text in enumerate(texts, start=1))


def test_a_page_of_thirteen_different_sentences_is_enough_and_one_of_twelve_is_not(good: Case) -> None:
    assert good.evidence(snippets=snippets(*PAGE[:13])).breaks(coverage) == []
    [failure] = good.evidence(snippets=snippets(*PAGE[:12], PAGE[0], "Read more", "Related posts:")).breaks(coverage)
    assert failure == (
        "the page gives too little text: 12 different full sentences (coverage full); "
        "three for the TL;DR and ten for the summary make 13"
    )


def test_too_little_text_is_explained_with_the_reason_of_the_coverage(good: Case) -> None:
    case = good.evidence(
        coverage=Coverage.PARTIAL, coverage_reason="the rest is for subscribers", snippets=snippets(PAGE[0])
    )
    [failure] = case.breaks(coverage)
    assert "1 different full sentence (coverage partial: the rest is for subscribers);" in failure


def test_a_giant_page_read_in_part_is_enough(good: Case) -> None:
    case = good.evidence(coverage=Coverage.PARTIAL, coverage_reason="the first 400 of 900 passages were read")
    assert case.breaks(coverage) == []


def test_failed_coverage_breaks_the_rule_even_with_text(good: Case) -> None:
    [failure] = good.evidence(coverage=Coverage.FAILED, coverage_reason="the server said 403").breaks(coverage)
    assert failure.startswith("the page could not be read (coverage failed: the server said 403)")


def test_there_is_at_least_one_fact(good: Case) -> None:
    assert good.facts().breaks(facts_cited) == ["there is no fact; stage A finds at least one"]


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (Fact(text="It is fast.", snippet_ids=()), "fact 1 cites no snippet: 'It is fast.'"),
        (Fact(text="It is fast.", snippet_ids=("s1", "s9")), "fact 1 cites 's9', which the evidence does not hold"),
        (Fact(text=" ", snippet_ids=("s1",)), "fact 1 is empty: ' '"),
    ],
)
def test_every_fact_says_something_and_cites_snippets_that_exist(good: Case, fact: Fact, reason: str) -> None:
    [failure] = good.facts(fact, Fact(text="Fine.", snippet_ids=("s2",))).breaks(facts_cited)
    assert failure.startswith(reason)


def test_a_number_that_the_page_does_not_hold_is_quoted_with_its_item(good: Case) -> None:
    case = good.item("summary", 2, "The broker is written in Rust and needs 45 MB of memory when it is idle.")
    reason = (
        "summary item 2 has the number '45 MB', which the evidence does not hold: "
        "'The broker is written in Rust and needs 45 MB of memory when it is idle.'"
    )
    assert case.breaks(numbers_supported) == [reason]
    assert case.breaks(names_supported) == []


def test_a_name_that_the_page_does_not_hold_is_quoted_with_its_item(good: Case) -> None:
    case = good.item("tldr", 1, "Larkspur is a message queue from Confluent that keeps its log in object storage.")
    [failure] = case.breaks(names_supported)
    assert failure.startswith("tldr item 1 has the name 'Confluent', which the evidence does not hold: ")
    assert case.breaks(numbers_supported) == []


def test_invented_similar_technology_is_a_name_without_support(good: Case) -> None:
    case = good.items(similar_tech=("**Apache Pulsar** — It ships its own metadata service.",))
    assert case.breaks(names_supported)[0].startswith("similar_tech item 1 has the name 'Apache Pulsar'")


def test_a_project_bullet_may_use_the_words_of_its_theme_and_no_others(good: Case) -> None:
    other = theme("Cloud & observability", stack=("Grafana dashboards",))
    themed = good.themes(theme("Data platforms", stack=("Debezium 3",)), theme("Security"), other)
    own = "**Data platforms** — Feed the queue from Debezium 3 for one table."
    assert themed.item("projects", 1, own).breaks(names_supported) == []
    assert themed.item("projects", 1, own.replace("Debezium", "Flink")).breaks(names_supported) != []
    assert themed.item("projects", 1, own.replace("Data platforms", "Security")).breaks(names_supported) != []
    assert themed.item("summary", 1, "The broker can be fed from Debezium.").breaks(names_supported) != []


GERMAN = "Der Broker ist in Rust geschrieben und braucht nicht viel Speicher, weil er die Daten für sich behält."


def test_a_commentary_in_another_language_is_refused(good: Case) -> None:
    items = tuple(f"{GERMAN[:-1]} mit {place} Knoten." for place in range(11))
    failures = good.items(tldr=items[:3], summary=items).breaks(english)
    assert failures[0].startswith("the commentary does not read as English: 0% of its words")


def test_one_item_in_another_language_is_named(good: Case) -> None:
    [failure] = good.item("summary", 4, GERMAN).breaks(english)
    assert failure.startswith("summary item 4 does not read as English: 'Der Broker")


def test_another_script_is_refused_although_its_words_cannot_be_counted(good: Case) -> None:
    items = ("这个消息队列把日志保存在对象存储中。",) * 3
    assert good.items(tldr=items, summary=items).breaks(english) == [
        "the commentary is not in Latin script; it is written in English"
    ]


def test_nothing_written_about_a_page_in_another_language_says_so(good: Case) -> None:
    case = good.evidence(snippets=snippets(*[GERMAN] * 3)).items(tldr=(), summary=())
    [failure] = case.breaks(english)
    assert failure.startswith("nothing was written, and the page itself does not read as English: 'Der Broker")


def test_nothing_written_about_an_english_page_is_another_rules_concern(good: Case) -> None:
    assert good.items(tldr=(), summary=()).breaks(english) == []


@pytest.mark.parametrize("section", ["tldr", "summary", "projects", "similar_tech"])
@pytest.mark.parametrize(
    "sentence",
    [
        "Die neue Version ist schneller, weil die Daten nicht mehr von der Platte gelesen werden.",
        "这个软件把整个索引保存在一个文件里。",
    ],
)
def test_a_single_item_in_another_language_is_told_wherever_it_stands(good: Case, section: str, sentence: str) -> None:
    item = f"**General** — {sentence}" if section in {"projects", "similar_tech"} else sentence
    [failure] = good.item(section, 1, item).breaks(english)
    assert f"{section} item 1 does not read as English" in failure


def test_a_sentence_that_contradicts_its_snippet_is_quoted_with_the_nearest_sentence(good: Case) -> None:
    case = good.item(
        "summary", 3, "Producers speak the Kafka protocol, so existing clients do not work without a change."
    )
    [failure] = case.breaks(sentences_supported)
    assert failure.startswith(
        "summary item 3 is not supported (negation 'not': it stands on one side only): 'Producers"
    )
    assert failure.endswith("the nearest sentence of the page: " + repr(PAGE[3]))


def test_figures_of_the_page_in_the_wrong_place_pass_the_rule_on_numbers_and_not_the_one_on_sentences(
    good: Case,
) -> None:
    swapped = "The 99th percentile of the write latency was 410 ms, against 38 ms in version 2.3."
    case = good.item("summary", 6, swapped)
    assert case.breaks(numbers_supported) == []
    assert case.breaks(sentences_supported) != []
