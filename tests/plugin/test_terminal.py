from __future__ import annotations

import getpass
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.spool import Receipt
from technoshare_commentator.pytest_plugin import session_tags
from technoshare_commentator.pytest_plugin.terminal import where

if TYPE_CHECKING:
    import pytest


def test_the_way_to_the_run_shows_no_password() -> None:
    uri = "http://bob:s3cret@127.0.0.1:5000"
    publisher: Any = SimpleNamespace(
        receipt=Receipt("k", "n", "1", "r1", uri, 3),
        experiment="words_eval",
        trace_count=3,
        settings=SimpleNamespace(tracking=True, uri=uri),
    )
    text = "\n".join(line.plain for line in where._mlflow(publisher))
    assert "http://bob@127.0.0.1:5000/#/experiments/1" in text
    assert "s3cret" not in text


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert session_tags._user() == str(os.getuid())
