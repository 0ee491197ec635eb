from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.prompts import STAGE_A, STAGE_B, load_prompt
from technoshare_commentator.quality.rules import no_leftovers
from technoshare_commentator.sentences import split_sentences

if TYPE_CHECKING:
    from contract_case import Case


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("The broker was released in [YEAR] by its makers.", "a placeholder, '[YEAR]'"),
        ("TODO: write about the broker.", "a placeholder, 'TODO'"),
        ("N/A", "a placeholder"),
        ("It saves XX% of the storage.", "a placeholder, 'XX'"),
        ("{{ title }} is a message queue.", "a placeholder, '{{ title }}'"),
        ("[insert figure here] messages pass each second.", "a placeholder"),
        ("Lorem ipsum dolor sit amet.", "a placeholder"),
        ("As an AI language model, I cannot open the page.", "talk about the writer or the task"),
        ("Here is the summary of the page.", "talk about the writer or the task"),
        ("Sure, the broker is written in Rust.", "talk about the writer or the task"),
        ("The provided evidence does not mention the licence.", "talk about the writer or the task"),
        ("This summary covers the message queue.", "talk about the writer or the task"),
        ('"summary": ["The broker is fast."', "a piece of JSON"),
        ('The broker is fast.", "The log is cold."', "a piece of JSON"),
        ("The broker is fast.\\n", "a piece of JSON"),
        ("## The broker is fast.", "markup, '##'"),
        ("The **broker is fast.", "markup, '**'"),
        ("<b>The broker</b> is fast.", "markup, '<b>'"),
        ("The broker&nbsp;is fast.", "markup, '&nbsp;'"),
        ("![diagram](a.png) The broker is fast.", "markup"),
        ("| broker | 40 MB |", "markup"),
        ("The broker\u00e2\u20ac\u2122s cache is small.", "damaged characters"),
        ("The caf\u00c3\u00a9 runs a broker.", "damaged characters"),
        ("The broker\ufffds cache is small.", "damaged characters"),
        ("Write 20 to 30 facts, most important first.", "words of our own prompt"),
    ],
)
@pytest.mark.parametrize("section", ["tldr", "summary", "projects", "similar_tech"])
def test_nothing_unfinished_is_left_in_an_item(good: Case, section: str, item: str, reason: str) -> None:
    failures = good.item(section, 1, item).breaks(no_leftovers)
    assert any(f"{section} item 1 holds {reason}" in failure for failure in failures)


@pytest.mark.parametrize(
    "item",
    [
        "The broker keeps a list of `TODO` marks and calls `**kwargs` on each of them.",
        "The **Kafka** protocol is spoken by every client of the broker.",
        "The queue computes 2 ** 10 partitions and stores them at C:\\new in the cluster.",
        "The maintainers cannot say yet when transactions will be supported.",
        "According to the authors, none of the clients needs a change.",
        'It returns JSON such as `{"a": [1]}` and a comment "as it is".',
        "The information given to the operator is written to one manifest.",
        "Its summary of the write path, which the release notes repeat, is short.",
        "An AI startup and a language model company run the largest clusters.",
        "Less than 5 brokers need more than 40 MB, so <5 nodes and >2 disks are enough.",
        "The API takes a | b | to choose between two formats.",
        "Sure-fire settings are documented for the broker.",
    ],
)
def test_ordinary_prose_is_no_leftover(good: Case, item: str) -> None:
    assert good.item("summary", 1, item).breaks(no_leftovers) == []


@pytest.mark.parametrize(
    "item",
    [
        "The template reads {{ title }} and fills it in.",
        "Here is the summary of the changes that the maintainers wrote.",
        "As an AI language model, I cannot do that, the bot replied.",
        "Each <b> tag becomes an asterisk.",
    ],
)
def test_what_the_page_says_in_the_same_words_is_no_leftover(good: Case, item: str) -> None:
    snippet = good.given.evidence.snippets[0]
    page = (snippet.model_copy(update={"text": f"{snippet.text} {item}"}), *good.given.evidence.snippets[1:])
    changed = good.item("summary", 1, item)
    assert changed.breaks(no_leftovers) != []
    assert changed.evidence(snippets=page).breaks(no_leftovers) == []


@pytest.mark.parametrize("name", [STAGE_A, STAGE_B])
def test_every_longer_sentence_of_our_prompts_is_recognised(good: Case, name: str) -> None:
    for sentence in split_sentences(load_prompt(name).template):
        if len(sentence.split()) >= 12 and len(sentence) < 400:
            failures = good.item("summary", 1, sentence).breaks(no_leftovers)
            assert any("words of our own prompt" in failure for failure in failures), sentence


def test_a_good_commentary_holds_no_leftovers(good: Case) -> None:
    assert good.breaks(no_leftovers) == []
