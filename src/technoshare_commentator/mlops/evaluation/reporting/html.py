"""A session as one page that needs no network: `render_html`.

The page is written by jinja2 with autoescaping. It holds one style sheet and one script, both of ours and without any
data in them, and a Content-Security-Policy that allows these two by their hashes and nothing else: should anything that
came from a page or a model ever get past the escaping, the browser would still not run it, load it or send it anywhere.
Without the script everything is there; it adds the filters.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from technoshare_commentator.mlops.evaluation.judging.comparison import WHOLE_CASES
from technoshare_commentator.mlops.evaluation.reporting import formats
from technoshare_commentator.mlops.evaluation.reporting.case_view import examples_of
from technoshare_commentator.mlops.evaluation.reporting.changes import Anchors, comparison_views, gate_rule
from technoshare_commentator.mlops.evaluation.reporting.matrix import SYMBOLS, heads_of, matrix_of
from technoshare_commentator.mlops.evaluation.reporting.overview import (
    COMMIT_TAG,
    DIRTY_TAG,
    exit_words,
    headline,
    scorer_lines,
    spreads,
    total_cost,
    whole_cases,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jinja2 import Environment

    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, SessionResults

_TEMPLATES = Path(__file__).parent / "templates"
_ICON_COLOURS = {"passed": "#1a7f45", "failed": "#c5372c", "error": "#9a6200", "skipped": "#68717a"}
_FILTERS = (
    formats.breakable,
    formats.dollars,
    formats.duration,
    formats.moment,
    formats.number,
    formats.number_range,
    formats.p_value,
    formats.percent,
    formats.percent_range,
    formats.plural,
    formats.points,
    formats.shortened,
    formats.signed_number,
    formats.trimmed,
)
_FUNCTIONS = (formats.dollars, formats.duration, formats.number, formats.percent, formats.points, formats.signed_number)


def render_html(results: SessionResults, details: Mapping[CaseKey, CaseDetail]) -> str:
    """Return the report of a session as one HTML page.

    `details` holds input, output and spans by case; a case without details is shown with its scores and tests alone.
    Long texts are cut, so that a page for a thousand cases stays below 15 MB, and say how much is missing.
    """
    style, script = _asset("report.css"), _asset("report.js")
    verdict = headline(results)
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            **_overview(results),
            **_examples(results, details),
            results=results,
            verdict=verdict,
            icon=_icon(verdict.state),
            style=style,
            script=script,
            policy=_policy(style, script),
        )
    )


def _overview(results: SessionResults) -> dict[str, Any]:
    """What the page says of the session as a whole."""
    heads = heads_of(results)
    cost, unpriced = total_cost(results.cases)
    return {
        "exit_words": exit_words(results.exit_status),
        "commit": results.tags.get(COMMIT_TAG, ""),
        "dirty": results.tags.get(DIRTY_TAG) == "true",
        "cost": cost,
        "unpriced": unpriced,
        "tokens": sum(case.input_tokens + case.output_tokens for case in results.cases),
        "heads": heads,
        "cases_line": whole_cases(results, heads),
        "scorers": scorer_lines(results, heads),
        "latencies": spreads(results, heads, lambda case: case.latency_seconds),
        "costs": spreads(results, heads, lambda case: case.cost_usd),
    }


def _examples(results: SessionResults, details: Mapping[CaseKey, CaseDetail]) -> dict[str, Any]:
    """What the page says of examples, and what links to them."""
    examples = examples_of(results.cases, details)
    anchors = Anchors(examples)
    return {
        "matrix": matrix_of(results, examples),
        "comparisons": comparison_views(results.comparisons, anchors),
        "gate_rules": [gate_rule(one, anchors) for one in results.gate.rules] if results.gate else [],
    }


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only reports need it

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update({one.__name__: one for one in _FILTERS})
    environment.globals.update({one.__name__: one for one in _FUNCTIONS})  # what macros are told to format with
    environment.globals.update(symbols=SYMBOLS, whole_cases=WHOLE_CASES)
    return environment


def _finalize(value: Any) -> Any:
    """What is neither markup nor a number is text of strangers; undefined names are left to raise."""
    return formats.seen(value) if type(value) is str else value


@lru_cache(maxsize=2)
def _asset(name: str) -> Any:
    from markupsafe import Markup  # noqa: PLC0415 - as above

    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of ours without data


def _policy(style: str, script: str) -> str:
    """Nothing but this style sheet and this script; images only from inside the page, which is its icon."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(content: str) -> str:
    """A source expression as in https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _icon(state: str) -> str:
    """A dot in the colour of the verdict, for the browser's tab."""
    circle = f'<circle cx="4" cy="4" r="3.5" fill="{_ICON_COLOURS[state]}"/>'
    dot = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{circle}</svg>'
    return f"data:image/svg+xml,{quote(dot)}"
