from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import html as dom

from simulated_session import row
from technoshare_commentator.mlops.evaluation.judging.comparison import compare, compare_variants
from technoshare_commentator.mlops.evaluation.reporting.html import render_html
from technoshare_commentator.mlops.evaluation.session_results import SessionResults
from technoshare_commentator.mlops.evaluation.variants import Variant

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow

TRIALS = (
    row("steady", scores={"brief": True}, variant="small"),
    row("steady", scores={"brief": True}, variant="small", trial=2),
    row("steady", scores={"brief": True}, variant="large"),
    row("steady", scores={"brief": True}, variant="large", trial=2),
    row("moody", "failed", {"brief": False}, variant="small"),
    row("moody", scores={"brief": True}, variant="small", trial=2),
    row("moody", scores={"brief": True}, variant="large"),
    row("moody", scores={"brief": True}, variant="large", trial=2),
)


def page_of(*cases: CaseRow, **more: Any) -> Any:
    return dom.document_fromstring(render_html(SessionResults(cases=cases, **more), {}))


def cells_of(page: Any, name: str) -> list[str]:
    (cells,) = [tr for tr in page.xpath("//*[@id='matrix']/tbody/tr") if tr.xpath("th/a/text()") == [name]]
    return [td.text_content() for td in cells.xpath("td")]


def heads_of(page: Any) -> list[str]:
    return [th.text_content() for th in page.xpath("//*[@id='matrix']/thead/tr[1]/th")]


def test_a_row_shows_the_case_and_what_each_scorer_said() -> None:
    page = page_of(
        row("fine", scores={"brief": True, "depth": 0.82}),
        row("poor", "failed", {"brief": False, "depth": 0.3}, tags=("arxiv",)),
        row("crashed", "error", {"brief": None}),
        row("left-out", "skipped"),
    )
    assert heads_of(page) == ["Example", "whole cases", "brief", "depth"]
    assert cells_of(page, "fine") == ["✓", "✓", ".82"]
    assert cells_of(page, "poor") == ["✗", "✗", "✗.30"]
    assert cells_of(page, "crashed") == ["!", "!", "·"]
    assert cells_of(page, "left-out") == ["–", "·", "·"]


def test_what_failed_links_to_its_case_and_says_what_it_is() -> None:
    page = page_of(row("fine", scores={"brief": True}), row("poor", "failed", {"brief": False}))
    (link,) = page.xpath("//*[@id='matrix']//td/a")
    assert link.get("aria-label") == "failed: brief"
    (target,) = page.xpath(f"//*[@id='{link.get('href')[1:]}']")
    assert target.xpath("ancestor::details//h4/text()") == ["poor"]


def test_filters_know_what_failed_changed_and_is_flaky_and_what_words_find_it() -> None:
    before = tuple(case.model_copy(update={"outcome": "passed"}) for case in TRIALS)
    compared = compare(before, TRIALS, kind="baseline", before_name="b", after_name="a")
    page = page_of(*TRIALS, comparisons=(compared,), trials=2)
    steady, moody = page.xpath("//*[@id='matrix']/tbody/tr")
    assert (steady.get("data-marks"), moody.get("data-marks")) == ("", "failed changed flaky")
    assert moody.get("data-words") == "moody brief"
    labels = [label.text_content().split() for label in page.xpath("//fieldset/label")]
    assert labels == [["All", "2"], ["Failed", "1"], ["Changed", "1"], ["Flaky", "1"]]


def test_variants_stand_side_by_side_below_each_scorer_and_trials_within_a_cell() -> None:
    page = page_of(*TRIALS, trials=2, variants=(Variant(name="large"), Variant(name="small")))
    assert cells_of(page, "moody") == ["✓✓", "✗✓", "✓", "1/2"]
    letters = [th.text_content() for th in page.xpath("//*[@id='matrix']/thead/tr[2]/th")]
    assert letters == ["Alarge", "Bsmall"] * 2
    links = page.xpath("//*[@id='matrix']/tbody/tr[2]/td/a")
    assert [link.get("aria-label") for link in links] == [
        "passed, trial 1",
        "passed, trial 2",
        "failed, trial 1",
        "passed, trial 2",
        "mixed: brief under small, 1/2",
    ]


def test_a_change_is_named_at_its_example() -> None:
    cases = (row("a", scores={}, variant="small"), row("a", "failed", {"brief": False}, variant="large"))
    page = page_of(*cases, comparisons=compare_variants(cases))
    assert page.xpath("//*[@id='matrix']//span[@class='change']/@title") == ["▼ worse under large than under small"]
    (listed,) = page.xpath("//div[@class='changed'][1]//ul[@class='cases']")
    assert " ".join(listed.text_content().split()) == "a brief"


def test_examples_of_several_datasets_are_told_apart() -> None:
    page = page_of(row("a"), row("a", case_id="other/a", dataset="other"))
    assert page.xpath("//*[@id='matrix']/tbody/tr/th/a/text()") == ["links/a", "other/a"]
