"""Processes forked from one that has imported MLflow and all of ours, which would take each of them seconds."""

from __future__ import annotations

import multiprocessing
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import not_the_job  # noqa: F401

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext


@cache
def forks() -> ForkServerContext:
    """Where they come from; their code must lie in a module of its own, not among tests."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["forks_import"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where it finds that
        forkserver.ensure_running()
    return context
