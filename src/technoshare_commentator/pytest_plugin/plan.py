"""From the flags to what every example is run under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.options import ini_file, listed
from technoshare_commentator.pytest_plugin.parametrize import Plan

if TYPE_CHECKING:
    import pytest


def make_plan(config: pytest.Config) -> Plan:
    """Read the variants asked for; raises `ConfigurationError` for one that there is not."""
    from technoshare_commentator.mlops.evaluation.variants import (  # noqa: PLC0415 - only eval tests pay for it
        choose_variants,
        load_variants,
    )

    names, models = listed(config, "--eval-variant"), listed(config, "--eval-model")
    file = ini_file(config, "eval_variants")
    if names and file is None:
        raise ConfigurationError(
            f"--eval-variant {','.join(names)}: there is no file of variants; name one in the ini file: "
            "eval_variants = evals/variants.yaml"
        )
    known = load_variants(file) if file is not None and (names or file.exists()) else {}
    trials: int = config.getoption("--eval-trials")
    return Plan(choose_variants(known, names, models), trials, named=bool(names or models))
