"""What a session is held against: the gate's rules, the baseline, and its own variants."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.options import experiment_name, ini_file

if TYPE_CHECKING:
    from collections.abc import Collection

    import pytest

    from technoshare_commentator.mlops.evaluation.judging.gate import Gate
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults
    from technoshare_commentator.mlops.settings import TrackingSettings

_NONE = "none"
_FETCH_SECONDS = 120.0


def load_gate_of(config: pytest.Config) -> Gate | None:
    """The gate of the flags, else that of the ini file; raises `ConfigurationError` for what is wrong in it."""
    from technoshare_commentator.mlops.evaluation.judging.gate import Gate  # noqa: PLC0415 - only eval tests pay for it

    gate = _gate_as_given(config)
    if gate is None or config.getoption("--eval-baseline") != _NONE:
        return gate
    rules = tuple(rule for rule in gate.rules if not rule.needs_baseline)  # nothing is compared, as the user wants it
    return Gate(gate.source, rules, gate.max_cost_usd)


def _gate_as_given(config: pytest.Config) -> Gate | None:
    from technoshare_commentator.mlops.evaluation.judging.gate import (  # noqa: PLC0415 - as above
        Gate,
        load_gate,
        parse_rule,
    )

    given: list[str] = config.getoption("--eval-gate")
    if _NONE in given:
        return None
    if not given:
        file = ini_file(config, "eval_gate")
        return load_gate(file) if file is not None and file.exists() else None
    gates = [Gate("--eval-gate", (parse_rule(one),)) if _is_rule(one) else load_gate(Path(one)) for one in given]
    budgets = [gate.max_cost_usd for gate in gates if gate.max_cost_usd is not None]
    return Gate(
        ", ".join(dict.fromkeys(gate.source for gate in gates)),
        tuple(rule for gate in gates for rule in gate.rules),
        min(budgets, default=None),
    )


class Baseline:
    """What the session is compared with; a run in MLflow is fetched in the background while the cases run."""

    def __init__(self, config: pytest.Config, settings: TrackingSettings) -> None:
        """Find out what is meant and start to fetch it."""
        self._config = config
        self._given: str | None = config.getoption("--eval-baseline")
        self.file = self._file()
        self._fetching = self._start_fetching(settings)

    def rows(self) -> tuple[str, tuple[CaseRow, ...]] | None:
        """What to call the baseline and its cases; None where there is none. Raises `ConfigurationError`."""
        from technoshare_commentator.mlops.evaluation.judging.baseline import read_baseline  # noqa: PLC0415 - as above

        if self._fetching is not None:
            return self._fetched(self._fetching)
        asked = self._given not in {None, _NONE}
        if self.file is None or self._given == _NONE or not (asked or self.file.exists()):
            return None
        return read_baseline(self.file)

    def update(self, results: SessionResults, *, keep_others: bool) -> Path:
        """Write the session into the baseline's file, beside or instead of what it has, and return its path."""
        from technoshare_commentator.mlops.evaluation.judging.baseline import (  # noqa: PLC0415 - as above
            updated_baseline,
            write_baseline,
        )

        if self.file is None:
            raise ConfigurationError(
                "--eval-update-baseline: there is no file to update; name one in the ini file "
                "(eval_baseline = evals/baseline.json) or with --eval-baseline FILE"
            )
        write_baseline(self.file, updated_baseline(self.file, results, keep_others=keep_others))
        return self.file

    def _fetched(self, fetching: subprocess.Popen[str]) -> tuple[str, tuple[CaseRow, ...]]:
        from technoshare_commentator.mlops.evaluation.session_results import SessionResults  # noqa: PLC0415 - as above

        try:
            content, said = fetching.communicate(timeout=_FETCH_SECONDS)
        except subprocess.TimeoutExpired:
            fetching.kill()
            raise ConfigurationError(f"--eval-baseline {self._given}: MLflow does not answer") from None
        if fetching.returncode:
            raise ConfigurationError(f"--eval-baseline {self._given}: {said.strip() or 'it cannot be fetched'}")
        return said.strip(), SessionResults.model_validate_json(content).cases

    def _file(self) -> Path | None:
        if self._given in {None, _NONE}:
            return ini_file(self._config, "eval_baseline")
        path = Path(str(self._given))
        return path if path.suffix == ".json" or path.exists() else None

    def _start_fetching(self, settings: TrackingSettings) -> subprocess.Popen[str] | None:
        if self._given in {None, _NONE} or self.file is not None:
            return None
        command = [sys.executable, "-P", "-m", "technoshare_commentator.mlops.evaluation_runs", "fetch"]
        command += ["--experiment", experiment_name(self._config), "--reference", str(self._given)]
        return subprocess.Popen(  # noqa: S603 - this interpreter with our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "MLFLOW_TRACKING_URI": settings.uri},
        )


def judged(
    results: SessionResults,
    gate: Gate | None,
    before: tuple[str, tuple[CaseRow, ...]] | None,
    *,
    selection: bool,
    known_scorers: Collection[str],
) -> SessionResults:
    """Return the session with its comparisons and the gate's verdict; raises `ConfigurationError` for unknown names."""
    from technoshare_commentator.mlops.evaluation.judging.baseline import as_kept  # noqa: PLC0415 - as above
    from technoshare_commentator.mlops.evaluation.judging.comparison import (  # noqa: PLC0415 - as above
        compare_variants,
        compare_with_baseline,
    )

    comparisons = compare_variants(results.cases)
    if before is not None:
        name, rows = before
        if selection:  # what was left out on purpose is no news
            present = {case.case_id for case in results.cases}
            rows = tuple(row for row in rows if row.case_id in present)
        now = as_kept(results.cases)
        against = compare_with_baseline(as_kept(rows), now, baseline_name=name, session_name="this session")
        comparisons = (*against, *comparisons)
    compared = results.model_copy(update={"comparisons": comparisons})
    if gate is None:
        return compared
    verdict = gate.judge(compared, selection=selection, known_scorers=known_scorers)
    return compared.model_copy(update={"gate": verdict})


def _is_rule(text: str) -> bool:
    return any(operator in text for operator in "<>=") and not Path(text).exists()
