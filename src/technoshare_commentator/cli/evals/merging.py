"""Sessions put together as the one that they would have been, and what keeps them from being all of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from technoshare_commentator.cli.evals.sessions import ending, is_broken_off
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.baseline import COMMIT_TAG
from technoshare_commentator.mlops.evaluation.merging import merge_results
from technoshare_commentator.mlops.evaluation.reporting.formats import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.cli.evals.sessions import ReadSession
    from technoshare_commentator.mlops.evaluation.judging.gate import Gate
    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, CaseRow, SessionResults

_STATUS_TAG = "pytest.exit_status"
_SHORT = 12
_FAILED = 1
_FINE = (0, 5)  # passed, and nothing to run, as for a shard of a suite with few examples


@dataclass(frozen=True)
class Merged:
    """One session; `problems` say why its verdict cannot be that everything passed, `notices` what to know of it."""

    results: SessionResults
    details: dict[CaseKey, CaseDetail]
    problems: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    is_complete: bool = True


def merge_sessions(sessions: Sequence[ReadSession], *, allow_different_datasets: bool = False) -> Merged:
    """Return the sessions as one; raises `ConfigurationError` when their datasets have different contents."""
    different = _different_datasets(sessions)
    if different and not allow_different_datasets:
        raise ConfigurationError(f"{different[0]}; merge sessions over one dataset, or add --allow-different-datasets")
    missing = [*_missing_shards(sessions), *_broken_off(sessions)]
    by_start = sorted(sessions, key=lambda session: session.results.started_at)
    return Merged(
        results=merge_results([session.results for session in sessions]),
        details={key: detail for session in by_start for key, detail in session.details.items()},
        problems=(*missing, *_failed_otherwise(sessions)),
        notices=(*different, *_repeated_cases(sessions), *_different_commits(sessions)),
        is_complete=not missing,
    )


def judge(
    merged: Merged, gate: Gate | None = None, before: tuple[str, tuple[CaseRow, ...]] | None = None
) -> SessionResults:
    """Return the session with its comparisons, the gate's verdict and the exit status that it deserves.

    `before` is what to call the baseline, and its cases. Of an incomplete session the gate judges what there is. Raises
    `ConfigurationError` for a rule about something that nobody knows.
    """
    from technoshare_commentator.pytest_plugin.verdict import judged  # noqa: PLC0415 - as pytest does it at the end

    results = judged(merged.results, gate, before, selection=not merged.is_complete, known_scorers=())
    passed = results.gate.passed if results.gate is not None else not results.failed_cases
    status = 0 if passed and not merged.problems else _FAILED
    tags = {**results.tags, _STATUS_TAG: str(status)}
    return results.model_copy(update={"exit_status": status, "tags": tags})


def _different_datasets(sessions: Sequence[ReadSession]) -> list[str]:
    """Datasets of one name and file whose contents differ between sessions.

    The folder does not count: machines have their own. A session may hold two datasets that differ in it alone.
    """
    found: dict[tuple[str, str], list[tuple[ReadSession, frozenset[str]]]] = defaultdict(list)
    for session in sessions:
        digests: dict[tuple[str, str], set[str]] = defaultdict(set)
        for dataset in session.results.datasets:
            if dataset.digest:
                digests[dataset.name, PurePath(dataset.source).name].add(dataset.digest)
        for key, known in digests.items():
            found[key].append((session, frozenset(known)))
    problems = []
    for (name, _), seen in found.items():
        first, digests_of_first = seen[0]
        other = next(((one, digests) for one, digests in seen if not digests & digests_of_first), None)
        if other is not None:
            problems.append(
                f"dataset {name!r} has different contents in {first.name} ({', '.join(sorted(digests_of_first))}) "
                f"and {other[0].name} ({', '.join(sorted(other[1]))})"
            )
    return problems


def _by_division(sessions: Sequence[ReadSession]) -> dict[tuple[tuple[str, ...], int], dict[int, list[ReadSession]]]:
    """The sessions that are shards, by what was divided (variants, number of shards), and by their own number."""
    found: dict[tuple[tuple[str, ...], int], dict[int, list[ReadSession]]] = defaultdict(lambda: defaultdict(list))
    for session in sessions:
        number, slash, count = session.results.shard.partition("/")
        if slash and number.isdecimal() and count.isdecimal():
            variants = tuple(sorted(variant.name for variant in session.results.variants))
            found[variants, int(count)][int(number)].append(session)
    return found


def _missing_shards(sessions: Sequence[ReadSession]) -> list[str]:
    divisions = _by_division(sessions)
    problems = []
    for (variants, count), present in divisions.items():
        missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in present]
        if missing:
            of = f" of variant {', '.join(variants)}" if len(divisions) > 1 else ""
            there = ", ".join(f"{number}/{count}" for number in sorted(present))
            which = "shard" if len(missing) == 1 else "shards"
            problems.append(f"{which} {', '.join(missing)}{of} missing; there is only {there}")
    return problems


def _repeated_cases(sessions: Sequence[ReadSession]) -> list[str]:
    seen = Counter(case.key for session in sessions for case in session.results.cases)
    several = sum(count > 1 for count in seen.values())
    return [f"{plural(several, 'case')} in more than one session; of each the newest counts"] if several else []


def _broken_off(sessions: Sequence[ReadSession]) -> list[str]:
    return [
        f"{session.name} is not complete ({ending(session.results)}, {plural(len(session.results.cases), 'case')})"
        for session in sessions
        if is_broken_off(session.results)
    ]


def _failed_otherwise(sessions: Sequence[ReadSession]) -> list[str]:
    """Sessions that did not pass though neither their gate nor a case of theirs failed."""
    problems = []
    for session in sessions:
        results = session.results
        cases_passed = results.gate.passed if results.gate is not None else not results.failed_cases
        if results.exit_status == _FAILED and cases_passed:
            problems.append(f"{session.name} failed for other reasons than its cases, such as tests of something else")
        elif results.exit_status not in {_FAILED, *_FINE} and not is_broken_off(results):
            problems.append(f"{session.name} ended in a {ending(results)}")
    return problems


def _different_commits(sessions: Sequence[ReadSession]) -> list[str]:
    commits = dict.fromkeys(session.results.tags.get(COMMIT_TAG, "")[:_SHORT] for session in sessions)
    known = [commit for commit in commits if commit]
    return [f"the sessions are of different commits: {', '.join(known)}"] if len(known) > 1 else []
