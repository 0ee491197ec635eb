"""Single versions of prompts for whoever must not import MLflow, such as the task of an evaluation.

python -P -m technoshare_commentator.mlops.prompts.fetching --home H NAME=REFERENCE…
    prints where on disk each version is kept, as JSON; what goes wrong is one line on standard error, exit status 2

The store is that of `MLFLOW_TRACKING_URI`. A version never changes, so that one that is here already costs nothing.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError, TechnoShareError
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder
from technoshare_commentator.mlops.settings import TrackingSettings
from technoshare_commentator.prompts import YAML, Prompt, load_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 120.0


def fetch_prompts(
    wanted: Mapping[str, str], tracking: TrackingSettings, directory: Path | None = None
) -> dict[str, Prompt]:
    """Return prompts by name, each as its reference names it: `yaml`, a version's number, an alias or `latest`.

    Seconds for what is not on this machine yet, and for aliases. Raises `ConfigurationError` for what there is not.
    """
    folder = SnapshotFolder(tracking.home, tracking.uri)
    found: dict[str, Prompt | None] = {}
    for name, reference in wanted.items():
        kept = folder.kept_version(name, reference) if reference.isdecimal() else None
        found[name] = load_prompt(name, directory) if reference == YAML else kept
    missing = [f"{name}={wanted[name]}" for name, prompt in found.items() if prompt is None]
    numbers = _fetch(missing, tracking) if missing else {}
    for name, number in numbers.items():
        found[name] = folder.kept_version(name, number)
    gone = [name for name, prompt in found.items() if prompt is None]
    if gone:
        raise ConfigurationError(f"{folder.path} does not keep the prompts {', '.join(gone)}; check TECHNOSHARE_HOME")
    return {name: prompt for name, prompt in found.items() if prompt is not None}


def _fetch(wanted: list[str], tracking: TrackingSettings) -> dict[str, str]:
    command = [sys.executable, "-P", "-m", "technoshare_commentator.mlops.prompts.fetching"]
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter with our own module
            [*command, "--home", str(tracking.home), *wanted],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "MLFLOW_TRACKING_URI": tracking.uri},
        )
    except subprocess.TimeoutExpired:
        raise ConfigurationError(f"the prompts {', '.join(wanted)} cannot be read: MLflow does not answer") from None
    if done.returncode:
        raise ConfigurationError(f"the prompts {', '.join(wanted)} cannot be read: {done.stderr.strip()}")
    return {str(name): str(number) for name, number in json.loads(done.stdout).items()}


def main(arguments: list[str] | None = None) -> int:
    """Keep the versions on disk and print their numbers by name."""
    parser = argparse.ArgumentParser(prog="technoshare_commentator.mlops.prompts.fetching")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("wanted", nargs="+", metavar="NAME=REFERENCE")
    options = parser.parse_args(arguments)
    logging.disable()  # what goes wrong is said once, at the end
    warnings.simplefilter("ignore")
    uri = os.environ["MLFLOW_TRACKING_URI"]
    tracking = TrackingSettings.model_validate({"MLFLOW_TRACKING_URI": uri, "TECHNOSHARE_HOME": options.home})
    try:
        kept = _keep(dict(one.split("=", 1) for one in options.wanted), tracking)
    except TechnoShareError as error:
        sys.stderr.write(" ".join(str(error).splitlines()) + "\n")
        return error.exit_status
    sys.stdout.write(json.dumps(kept) + "\n")
    return 0


def _keep(wanted: Mapping[str, str], tracking: TrackingSettings) -> dict[str, str]:
    from technoshare_commentator.mlops.prompts.registry import PromptRegistry  # noqa: PLC0415 - takes seconds

    registry = PromptRegistry.open(tracking)
    folder = SnapshotFolder(tracking.home, tracking.uri)
    kept: dict[str, str] = {}
    for name, reference in wanted.items():
        prompt = registry.version(name, reference).prompt
        folder.keep_version(prompt)
        kept[name] = prompt.origin
    return kept


if __name__ == "__main__":
    sys.exit(main())
