from __future__ import annotations

from contract_case import PAGE
from judged_case import answer, judged
from technoshare_commentator.quality.judges.answers import Faithfulness, Relevance
from technoshare_commentator.quality.judges.questions import Item
from technoshare_commentator.quality.judges.quotes import Source
from technoshare_commentator.quality.judges.rationale import quotes_found, rationale
from technoshare_commentator.quality.judges.votes import Votes

SOURCE = Source(PAGE)
ITEMS = [Item("TL;DR 1", "a"), Item("summary 1", "b")]


def said(text: str, *scores: int, items: list[Item] = ITEMS) -> str:
    judgement = Faithfulness.model_validate_json(text)
    return rationale(Votes(scores or (judgement.score,)), judgement, items, SOURCE)


def test_a_passing_rationale_quotes_what_supports_the_first_item() -> None:
    text = answer(5, judged(1, quote="a message queue"), judged(2))
    assert said(text) == "5 of 5: all 2 are supported, TL;DR 1 by “a message queue”"
    assert said(answer(4, judged(1, quote="a queue that")), items=ITEMS[:1]) == (
        "4 of 5: TL;DR 1 is supported by “a queue that” (quote not found)"
    )


def test_a_failing_rationale_names_each_wrong_item_with_reason_and_quote() -> None:
    text = answer(
        2,
        judged(1, "contradicted", "the write latency was 38 ms", "It is 38 ms and not 410."),
        judged(2, "not_found", "", "No price is given."),
    )
    assert said(text, 2, 4, 2) == (
        "2 of 5 (votes 2, 4, 2): TL;DR 1 is contradicted: It is 38 ms and not 410. “the write latency was 38 ms”; "
        "summary 1 is not found: No price is given."
    )


def test_many_wrong_items_are_counted() -> None:
    items = [Item(f"summary {number}", "x") for number in range(1, 7)]
    text = answer(1, *(judged(number, "not_found", "", "Not there.") for number in range(1, 7)))
    assert said(text, items=items).endswith("summary 4 is not found: Not there.; and 2 more")


def test_what_a_model_writes_is_shown_on_one_short_line() -> None:
    text = answer(1, judged(1, "contradicted", "x" * 1000, "Not\nthere \u202e" + "y" * 1000), judged(2))
    shown = said(text)
    assert shown.isprintable()
    assert len(shown) < 600
    assert "\u202e" not in shown
    assert "no reason given" in said(answer(1, judged(1, "contradicted", "", " "), judged(2)))


def test_quotes_are_counted_over_all_votes() -> None:
    found = Faithfulness.model_validate_json(answer(5, judged(1, quote="message queue"), judged(2, quote="a log")))
    lost = Faithfulness.model_validate_json(answer(5, judged(1, quote="made up"), judged(2, quote="made up")))
    assert quotes_found([found], SOURCE) == 0.5
    assert quotes_found([found, lost], SOURCE) == 0.25


def test_a_quote_that_is_owed_counts_as_not_found_and_one_that_cannot_be_given_does_not_count() -> None:
    owed = Faithfulness.model_validate_json(answer(5, judged(1, quote="message queue"), judged(2, quote="")))
    nothing = Relevance.model_validate_json(answer(1, judged(1, "vague", ""), judged(2, "misplaced", "")))
    assert quotes_found([owed], SOURCE) == 0.5
    assert quotes_found([nothing], SOURCE) is None
    assert "TL;DR 1 by (no quote)" in said(answer(5, judged(1, quote=" "), judged(2)))
