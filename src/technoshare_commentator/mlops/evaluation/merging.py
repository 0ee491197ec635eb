"""Several sessions over parts of one suite, put together as the one session that they would have been."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.session_results import CaseKey, CaseRow, DatasetRow, SessionResults

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.variants import Variant

# pytest's exit statuses from the best to the worst: no tests, passed, failed, interrupted, usage error, internal error.
_FROM_BEST_TO_WORST = (5, 0, 1, 2, 4, 3)
_STATUS_TAG = "pytest.exit_status"
_NUMBERS = re.compile(r"\d+")


def merge_results(parts: Sequence[SessionResults]) -> SessionResults:
    """Return one session with the cases of all parts; the order of the parts makes no difference.

    Cases come shard by shard. Of a case, a tag or a variant that several parts have, that of the session which started
    last counts. The sessions are taken to have run side by side, so `seconds` is that of the longest. Metrics are
    computed anew; gate and comparisons, which were those of parts, are left for the caller. Raises `ValueError` when
    there is nothing to merge.
    """
    if not parts:
        raise ValueError("there are no results to merge")
    by_shard, by_start = sorted(parts, key=_shard_first), sorted(parts, key=_start_first)
    cases = _cases(by_shard, by_start)
    seconds = max(part.seconds for part in parts)
    exit_status = _worst([part.exit_status for part in parts])
    tags = {name: value for part in by_start for name, value in sorted(part.tags.items())}
    if _STATUS_TAG in tags:
        tags[_STATUS_TAG] = str(exit_status)
    return SessionResults(
        session_id=by_start[0].session_id,
        run_name=by_start[0].run_name,
        started_at=by_start[0].started_at,
        seconds=seconds,
        exit_status=exit_status,
        trials=max(part.trials for part in parts),
        not_run=sum(part.not_run for part in parts),
        tags=tags,
        datasets=_datasets(by_shard),
        variants=_variants(by_shard, by_start),
        metrics={**metrics_of(cases), "session_seconds": seconds},
        cases=tuple(cases),
    )


def _cases(by_shard: Sequence[SessionResults], by_start: Sequence[SessionResults]) -> list[CaseRow]:
    newest: dict[CaseKey, CaseRow] = {case.key: case for part in by_start for case in part.cases}
    return [newest[key] for key in dict.fromkeys(case.key for part in by_shard for case in part.cases)]


def _datasets(by_shard: Sequence[SessionResults]) -> tuple[DatasetRow, ...]:
    found = {dataset.model_dump_json(): dataset for part in by_shard for dataset in part.datasets}
    return tuple(found.values())


def _variants(by_shard: Sequence[SessionResults], by_start: Sequence[SessionResults]) -> tuple[Variant, ...]:
    newest = {variant.name: variant for part in by_start for variant in part.variants}
    return tuple(newest[name] for name in dict.fromkeys(one.name for part in by_shard for one in part.variants))


def _worst(statuses: Sequence[int | None]) -> int | None:
    known = [status for status in statuses if status is not None]
    ranks = {status: rank for rank, status in enumerate(_FROM_BEST_TO_WORST)}
    return max(known, key=lambda status: (ranks.get(status, len(ranks)), status), default=None)


def _start_first(part: SessionResults) -> tuple[float, str, str]:
    return _timestamp(part.started_at), part.session_id, part.model_dump_json()


def _shard_first(part: SessionResults) -> tuple[list[int], float, str, str]:
    return [int(number) for number in _NUMBERS.findall(part.shard)], *_start_first(part)


def _timestamp(moment: str) -> float:
    """Seconds since the epoch; a text that is no ISO 8601 time counts as the beginning of it."""
    try:
        return datetime.fromisoformat(moment).timestamp()
    except (ValueError, OverflowError):
        return 0.0
