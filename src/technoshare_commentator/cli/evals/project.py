"""What `pytest` would do here: its flags and ini values decide about experiment, gate and baseline of commands too."""

from __future__ import annotations

import contextlib
import importlib.util
import io
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


# Nothing is going to run: no module to rewrite, no warning of it that filterwarnings makes an error, no cache.
_QUIET = ("--noconftest", "--assert=plain", "-W", "ignore", "-p", "no:cacheprovider")
_NO_COVERAGE = ("--no-cov",)  # pytest-cov begins to measure as soon as it reads its flags


def pytest_config(arguments: Sequence[str] = ()) -> pytest.Config:
    """Return pytest's configuration for the working directory, with `arguments` as if given on its command line.

    No conftest.py is read and no test collected. Raises `ConfigurationError` where pytest is not installed or its own
    configuration is not in order.
    """
    try:
        import pytest  # noqa: PLC0415 - an extra; and only these commands pay for it
    except ImportError as error:
        raise ConfigurationError(
            "pytest is not installed here; install it with: pip install 'technoshare-commentator[eval]'"
        ) from error

    class Reader:
        """Stands in for the command that pytest would carry out."""

        config: pytest.Config | None = None

        @pytest.hookimpl(tryfirst=True)
        def pytest_cmdline_main(self, config: pytest.Config) -> int:
            self.config = config
            return 0

    config, complaint = None, io.StringIO()
    for coverage in (_NO_COVERAGE, ()) if importlib.util.find_spec("pytest_cov") else ((),):  # it may be switched off
        reader, complaint = Reader(), io.StringIO()
        with contextlib.redirect_stderr(complaint), contextlib.redirect_stdout(complaint):
            pytest.main([*_QUIET, *coverage, *arguments], plugins=[reader])
        config = reader.config
        if config is not None:
            break
    if config is None or not config.pluginmanager.hasplugin("technoshare_eval"):
        said = " ".join(complaint.getvalue().split()) or "its plugin technoshare_eval is switched off"
        raise ConfigurationError(f"pytest's configuration cannot be used here: {said}")
    return config
