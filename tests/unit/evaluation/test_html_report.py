from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as dom

from hostile_session import HOSTILE, session_of
from simulated_session import Plan, judged, row, simulate
from technoshare_commentator.mlops.evaluation.reporting.formats import seen
from technoshare_commentator.mlops.evaluation.reporting.html import render_html
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseDetail,
    GateResult,
    RuleResult,
    SessionResults,
    SpanRow,
)

TWO_VARIANTS = {"small": 0.0, "large": 0.05}


class Markup(HTMLParser):
    """The page as a list of elements with attributes, and the text outside of style and script."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.raw: dict[str, str] = {}
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside in {"style", "script"}:
            self.raw[self._inside] = self.raw.get(self._inside, "") + data
        else:
            self.texts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] for _, attributes in self.elements if attribute in attributes]


def text_of(page: str) -> str:
    return " ".join(dom.document_fromstring(page).text_content().split())


@settings(max_examples=60, deadline=None)
@given(text=st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), min_size=1, max_size=3).map("".join).filter(bool))
def test_text_of_strangers_stays_text(text: str) -> None:
    harmless, hostile = (Markup(render_html(*session_of(one))) for one in ("harmless", text))
    assert {tag for tag, _ in hostile.elements} <= {tag for tag, _ in harmless.elements} | {"pre", "wbr"}
    assert hostile.raw == harmless.raw
    names = {name for _, attributes in hostile.elements for name in attributes}
    assert names <= {name for _, attributes in harmless.elements for name in attributes}
    link = re.compile(r"#[a-z]+[0-9-]*[a-z]*|data:image/svg\+xml,[\w%./-]+")
    assert all(link.fullmatch(found) for found in hostile.values("href"))
    shown = "".join(hostile.texts).replace("\n", "")
    assert seen(text).replace("\n", "") in shown


def test_nothing_is_loaded_and_the_policy_allows_only_our_style_and_script() -> None:
    page = Markup(render_html(*judged(Plan(variants=TWO_VARIANTS, trials=2))))
    assert not [name for _, attributes in page.elements for name in attributes if name in {"src", "srcset", "style"}]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert all(link.startswith(("#", "data:image/svg+xml,")) for link in page.values("href"))
    assert not re.search(r"url\(|@import|https?:", page.raw["style"] + page.raw["script"])
    (policy,) = [given["content"] for _, given in page.elements if given.get("http-equiv") == "Content-Security-Policy"]
    digests = {kind: base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode() for kind in page.raw}
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def test_links_lead_somewhere_and_ids_are_unique() -> None:
    page = Markup(render_html(*judged(Plan(variants=TWO_VARIANTS, trials=2))))
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.values("href") if link.startswith("#")} <= set(ids)


def test_the_page_names_what_was_run_and_what_came_of_it() -> None:
    results, details = judged(Plan(variants=TWO_VARIANTS, trials=2, not_run=3, crash=0.05, task_error=0.05), seed=3)
    page = text_of(render_html(results.model_copy(update={"shard": "2/4"}), details))
    expected = ["eval-3", "2026-01-05 09:00 UTC", "links version 3", "0123456789abcdef", "93cb011aa0", "small", "large"]
    expected += ["shard 2/4", "3 cases were not run", "1, something failed", "12 examples × 2 variants × 2 trials"]
    expected += [*results.scorer_names, "model-of-small", "pass@2", "pass^2", "ValueError: no sentence", "2.00"]
    expected += ["whole cases", "baseline.json", "small → large", "Latency of a case", "Cost of a case", "stage_b"]
    expected += [case.trace_id for case in results.cases if case.trace_id]
    expected += [change.case_id.removeprefix("links/") for change in results.comparisons[0].newly_failing]
    assert [text for text in expected if text not in page] == []


def test_each_rule_of_the_gate_is_one_line_that_names_its_cases() -> None:
    cases = (row("good", scores={"brief": True}), row("bad", "failed", {"brief": False}))
    rules = (
        RuleResult(rule="pass_rate >= 0.9", value=0.5, verdict="failed", cases=("links/bad",)),
        RuleResult(rule="cost_usd <= 1", value=0.0, verdict="passed"),
    )
    page = dom.document_fromstring(
        render_html(SessionResults(cases=cases, gate=GateResult(source="gate.yaml", rules=rules)), {})
    )
    first, second = page.xpath("//ul[@class='rules']/li")
    assert "pass_rate: 0.5 >= 0.9 — failed" in first.text_content()
    assert first.xpath(".//a/text()") == ["bad"]
    assert page.xpath(f"//*[@id='{first.xpath('.//a/@href')[0][1:]}']")
    assert "cost_usd: 0 <= 1 — passed" in second.text_content()


@pytest.mark.parametrize(
    ("status", "cases", "gate", "expected"),
    [
        (0, ["passed"], None, "Passed"),
        (0, ["failed", "passed"], "passed", "Passed"),
        (1, ["passed"], "failed", "Failed"),
        (1, ["failed"], None, "Failed"),
        (2, ["passed"], None, "Broken off: interrupted"),
        (3, ["passed"], None, "Broken off: internal error"),
        (5, [], None, "Nothing was run"),
        (None, ["passed"], None, "Passed"),
        (None, ["failed"], None, "Failed"),
        (None, ["failed"], "passed", "Passed"),
        (None, [], None, "Nothing was run"),
    ],
)
def test_the_exit_status_decides_the_verdict_then_the_gate_then_the_cases(
    status: int | None, cases: list[Any], gate: Any, expected: str
) -> None:
    judged_by = gate and GateResult(source="g", rules=(RuleResult(rule="cases >= 0", value=1, verdict=gate),))
    rows = tuple(row(f"e{number}", outcome) for number, outcome in enumerate(cases))
    page = dom.document_fromstring(render_html(SessionResults(exit_status=status, cases=rows, gate=judged_by), {}))
    (stamp,) = page.xpath("//p[contains(@class, 'stamp')]")
    assert stamp.text_content()[1:].strip() == expected


def test_an_empty_session_has_a_page() -> None:
    page = render_html(SessionResults(), {})
    assert "Nothing was run" in text_of(page)
    assert "No case has a result." in text_of(page)
    assert "<table" not in page


def test_without_details_scores_and_tests_are_shown_all_the_same() -> None:
    results, _ = simulate(Plan(verdicts={"structure": 0.0}))
    page = text_of(render_html(results, {}))
    assert "No output of this case was kept." in page
    assert "structure: “12 ms” stands nowhere on the page" in page
    assert "failed: see the scores of example-000" in page


def test_a_long_text_is_cut_and_says_how_much_is_missing() -> None:
    case = row("long", scores={"brief": True})
    detail = CaseDetail(input="i" * 7000, output={"o": 1}, shown="s" * 20_000)
    page = text_of(render_html(SessionResults(cases=(case,)), {case.key: detail}))
    assert "cut, 1,000 characters more" in page
    assert "cut, 4,000 characters more" in page
    assert "s" * 16_001 not in page


def test_a_page_for_a_thousand_cases_with_huge_outputs_stays_below_15_mb() -> None:
    results, _ = simulate(Plan(examples=1000, verdicts={f"scorer_{n}": 0.99 for n in range(12)}))
    text = 'a "quoted" <word> & more\n' * 4000
    spans = (SpanRow(name="task", message=text),)
    huge = CaseDetail(input={"page": text}, output={"text": text}, shown=text, spans=spans)
    page = render_html(results, {case.key: huge for case in results.cases})
    assert 5e6 < len(page.encode()) < 15e6
    assert page.count('<details class="example') == 1000


def test_of_thousands_of_cases_those_that_passed_are_shown_in_figures_alone() -> None:
    poor = row("e7", "failed", {"brief": False})
    cases = (poor, *(row(f"e{number}", scores={"brief": True}) for number in range(8, 2008)))
    page = render_html(SessionResults(cases=cases), {case.key: CaseDetail(shown=case.example_id * 3) for case in cases})
    assert "e7e7e7" in page
    assert "e8e8e8" not in page
    assert page.count("shown in figures alone") == 2000
