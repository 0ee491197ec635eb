"""What the command line shows of one link: a page for people, an object for programs.

Everything that came from a page or a model is printed as plain `Text` without control characters, so neither rich's
markup nor a terminal's escape sequences in it have any effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from technoshare_commentator.domain import (
    SECTION_TITLES,
    AnalystIdentity,
    Commentary,
    LinkResult,
    Outcome,
    Usage,
    Verdict,
    split_bullet,
)
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

_NOTHING_COMPARABLE = "Nothing comparable is named on the page."
_INDENT = (0, 0, 0, 2)


def print_result(console: Console, result: LinkResult) -> None:
    """Print one result from the page's title to the verdict, with every failed rule and its reason."""
    _print_source(console, result)
    if result.commentary is not None:
        _print_commentary(console, result.commentary)
    console.print()
    console.print(Rule(style="dim"))
    _print_verdict(console, result)


def print_effort(console: Console, result: LinkResult) -> None:
    """Print what the result took; apart from it, because it is the one thing that two runs do not share."""
    console.print(Text(_effort(result), style="dim"))


def result_as_json(result: LinkResult) -> dict[str, Any]:
    """Return what `--json` prints: JSON values only, null where the pipeline did not come that far.

    `latency_seconds` is in seconds, `usage.cost_usd` in US dollars and null when the price is not known; `error` and
    `error_reason` are there only when there is one.
    """
    failures = result.verdict.failures if result.verdict else ()
    shown = {
        "outcome": result.outcome.value,
        "source": result.url,
        "model": _models(result.analyst),
        "evidence": result.evidence.model_dump(mode="json") if result.evidence else None,
        "facts": result.facts.model_dump(mode="json") if result.facts else None,
        "commentary": result.commentary.model_dump(mode="json") if result.commentary else None,
        "gate_failures": [failure.model_dump(mode="json") for failure in failures],
        "slack_text": result.message.text if result.message else None,
        "revised": result.revised,
        "usage": {**result.usage.model_dump(mode="json"), "total_tokens": result.usage.total_tokens},
        "latency_seconds": result.latency_seconds,
    }
    return {**shown, "error": result.error, "error_reason": result.error_reason} if result.error else shown


def _print_source(console: Console, result: LinkResult) -> None:
    evidence = result.evidence
    if evidence:
        console.print(Text(visible_line(evidence.title) or "Untitled page", style="bold"))
    if result.url:
        # Soft wrap: an address that is broken over two lines can be neither clicked nor copied.
        console.print(Text(visible_line(result.url), style="cyan"), soft_wrap=True)
    if evidence and evidence.final_url not in {"", result.url}:
        console.print(Text(f"→ {visible_line(evidence.final_url)}", style="cyan"), soft_wrap=True)
    if evidence:
        reason = f" ({evidence.coverage_reason})" if evidence.coverage_reason else ""
        reading = f"{evidence.adapter_name} · {evidence.coverage} coverage{reason} · model {_models(result.analyst)}"
        console.print(Text(visible_line(reading), style="dim"))


def _print_commentary(console: Console, commentary: Commentary) -> None:
    parts = (commentary.tldr, commentary.summary, commentary.projects, commentary.similar_tech)
    for title, items in zip(SECTION_TITLES, parts, strict=True):
        console.print()
        console.print(Rule(Text(title, style="bold magenta"), align="left", style="dim"))
        if items:
            console.print(_bullets(items))
        else:
            comparable = title == SECTION_TITLES[-1]
            empty = _NOTHING_COMPARABLE if comparable else "Nothing was written."
            console.print(Padding(Text(empty, style="italic dim"), _INDENT))


def _bullets(items: Iterable[str]) -> Padding:
    return _rows((Text("•", style="magenta"), _bullet(visible_line(item))) for item in items)


def _bullet(line: str) -> Text:
    parts = split_bullet(line)
    return Text.assemble((parts[0], "bold"), " — ", parts[1]) if parts else Text(line)


def _rows(rows: Iterable[tuple[Text, Text]]) -> Padding:
    """Two columns, so that what is wrapped in the second stays in it."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return Padding(table, _INDENT)


def _print_verdict(console: Console, result: LinkResult) -> None:
    if result.outcome is Outcome.SUCCESS:
        console.print(Text(f"✓ Success{_rules_passed(result.verdict)}{_posted(result)}", style="bold green"))
    elif result.outcome is Outcome.GATE_FAILED:
        _print_failures(console, result.verdict)
    elif result.outcome is Outcome.NO_URLS:
        console.print(Text("No link was found in the message.", style="bold yellow"))
    if result.error:
        console.print(Text(f"✗ {visible_line(result.error)}", style="bold red"))


def _print_failures(console: Console, verdict: Verdict | None) -> None:
    failures = verdict.failures if verdict else ()
    of = f" of {len(verdict.rules)}" if verdict else ""
    console.print(Text(f"✗ Gate failed: {len(failures)}{of} rules", style="bold red"))
    console.print(_rows((Text(visible_line(f.rule), style="red"), Text(visible_line(f.reason))) for f in failures))


def _rules_passed(verdict: Verdict | None) -> str:
    return f": all {len(verdict.rules)} rules passed" if verdict else ""


def _posted(result: LinkResult) -> str:
    if result.receipt is None or not result.receipt.posted:
        return ", not posted"
    return f", posted as {visible_line(result.receipt.ts)}"


def _effort(result: LinkResult) -> str:
    revised = " · revised once" if result.revised else ""
    return f"{result.latency_seconds:.2f} s · {_usage(result.usage)}{revised}"


def _usage(usage: Usage) -> str:
    if not usage.total_tokens:
        return "no tokens"
    cost = "price not known" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    tools = f" · {usage.tool_call_count} tool calls" if usage.tool_call_count else ""
    return f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out · {cost}{tools}"


def _models(analyst: AnalystIdentity) -> str:
    """One name when a single model writes both stages, else both."""
    names = dict.fromkeys((analyst.stage_a_model, analyst.stage_b_model))
    return " + ".join(names)
