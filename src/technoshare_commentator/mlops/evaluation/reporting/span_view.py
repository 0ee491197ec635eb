"""The spans of a case as a waterfall: in the order of their tree, each with its depth and its place on the timeline."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.reporting.charts import Bar, timeline_bar
from technoshare_commentator.mlops.evaluation.reporting.excerpts import Excerpt, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import SpanRow

_MOST = 80


@dataclass(frozen=True)
class SpanView:
    """A span: how deep it lies, and where its bar stands."""

    row: SpanRow
    depth: int
    bar: Bar
    message: Excerpt


def span_views(found: Sequence[SpanRow], limit: int) -> tuple[list[SpanView], int]:
    """Return the first spans in the order of their tree, messages cut to `limit`, and how many more there are."""
    spans = list(_in_tree_order(found))
    return list(_placed(spans[:_MOST], limit)), max(0, len(spans) - _MOST)


def _placed(spans: list[tuple[int, SpanRow]], limit: int) -> Iterator[SpanView]:
    first = min((span.start_seconds for _, span in spans), default=0.0)
    total = max((span.start_seconds - first + span.seconds for _, span in spans), default=0.0)
    for depth, span in spans:
        bar = timeline_bar(span.start_seconds - first, span.seconds, total)
        yield SpanView(span, depth, bar, excerpt(span.message, limit))


def _in_tree_order(spans: Sequence[SpanRow]) -> Iterator[tuple[int, SpanRow]]:
    """Each span below its parent, with its depth; one whose parents lead nowhere or in a circle stands by itself."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for position, span in enumerate(spans):
        known = span.parent is not None and 0 <= span.parent < len(spans)
        children[span.parent if known else None].append(position)
    left = set(range(len(spans)))
    for root in [*children[None], *range(len(spans))]:
        waiting = [(0, root)]
        while waiting:
            depth, position = waiting.pop()
            if position not in left:
                continue
            left.discard(position)
            yield depth, spans[position]
            below = sorted(children[position], key=lambda one: spans[one].start_seconds, reverse=True)
            waiting.extend((depth + 1, one) for one in below)
