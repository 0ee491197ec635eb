"""What tracking costs a job: `python -m benchmarks tracking`.

The same job, with everything that its stages make at hand beforehand, so that what is left is tracking itself:

* `off`          MLFLOW_ENABLE_TRACKING=false, the floor
* `sqlite`       records spooled, shipped to a fresh SQLite store meanwhile
* `closed port`  records spooled, the server is down
* `mlflow`       the peer: the same runs, params, metrics, tags and artifacts logged with MLflow's own fluent API

Every mode runs in a process of its own, round after round in turn, so that a slow moment of the machine meets all.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

CLOSED_PORT = "http://127.0.0.1:9"
MODES = {
    "off": {"MLFLOW_ENABLE_TRACKING": "false"},
    "sqlite": {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"},
    "closed port": {"MLFLOW_TRACKING_URI": CLOSED_PORT},
    "mlflow": {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db", "MLFLOW_DISABLE_TELEMETRY": "true"},
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks tracking", description=__doc__.split("\n", maxsplit=1)[0]
    )
    parser.add_argument("--jobs", type=int, default=50, help="jobs in a round, after three that do not count")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of every mode")
    options = parser.parse_args()
    times: dict[str, list[float]] = {mode: [] for mode in MODES}
    for number in range(options.rounds):
        for mode, settings in MODES.items():
            print(f"round {number + 1}/{options.rounds}: {mode}", file=sys.stderr)
            times[mode].append(statistics.median(_run(mode, settings, options.jobs)))
    _print_table(times)


def _run(mode: str, settings: dict[str, str], jobs: int) -> list[float]:
    """Return the milliseconds of every job."""
    script = Path(__file__).with_name("mlflow_job.py" if mode == "mlflow" else "tracked_job.py")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # a shipper may still be at work there
        done = subprocess.run(
            [sys.executable, str(script), str(jobs)],
            cwd=folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=True,
        )
    milliseconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return milliseconds


def _print_table(times: dict[str, list[float]]) -> None:
    floor = statistics.median(times["off"])
    ours = statistics.median(times["sqlite"])
    print(f"{'mode':<14}{'ms a job':>10}{'min':>8}{'max':>8}{'over off':>12}{'ratio to sqlite':>18}")
    for mode, medians in times.items():
        middle = statistics.median(medians)
        row = (
            f"{middle:>10.2f}{min(medians):>8.2f}{max(medians):>8.2f}{middle - floor:>+10.2f} ms{middle / ours:>17.1f}x"
        )
        print(f"{mode:<14}{row}")
    print("ms a job: median over rounds of each round's median; min and max: over rounds")


if __name__ == "__main__":
    main()
