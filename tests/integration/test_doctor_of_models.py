"""What `technoshare doctor` says of models: it asks the endpoint, and names what stands in the way."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflow_server import free_port
from model_server import KEY, MODEL, Reply, model_server
from technoshare_commentator.cli.doctor import diagnose
from technoshare_commentator.config import Settings
from technoshare_commentator.mlops.settings import TrackingSettings

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.cli.doctor import Finding


def finding(folder: Path, base_url: str, model: str = MODEL, key: str | None = KEY) -> Finding:
    values: dict[str, Any] = {"openai_base_url": base_url, "openai_api_key": key, "model_stage_a": model}
    settings = Settings(_env_file=None, **values)
    tracking = TrackingSettings(_env_file=None, MLFLOW_ENABLE_TRACKING=False, TECHNOSHARE_HOME=folder)
    return next(one for one in asyncio.run(diagnose(settings, tracking, folder)) if one.what == "model")


def test_a_model_that_is_there_is_fine(tmp_path: Path) -> None:
    with model_server() as server:
        found = finding(tmp_path, server.base_url)
        assert (found.state, found.detail) == ("ok", f"stage A {MODEL}, stage B {MODEL}")


@pytest.mark.parametrize(
    ("model", "key", "said"),
    [("gpt-9", KEY, f"has no model gpt-9; it has {MODEL}"), (MODEL, "sk-wrong-000000000000", "set OPENAI_API_KEY")],
)
def test_what_is_wrong_is_said(tmp_path: Path, model: str, key: str, said: str) -> None:
    with model_server() as server:
        found = finding(tmp_path, server.base_url, model, key)
    assert found.state == "broken"
    assert said in found.detail


def test_nobody_at_the_address_is_said(tmp_path: Path) -> None:
    found = finding(tmp_path, f"http://127.0.0.1:{free_port()}/v1", key=None)
    assert found.state == "broken"
    assert "no connection to" in found.detail


@pytest.mark.parametrize(
    "answer",
    [
        Reply(body=b"Ollama is running", content_type="text/plain"),
        Reply(body=b"<html>a page for people</html>", content_type="text/html"),
        Reply(body=b"{not json"),
        Reply(body=b"{}"),
        Reply(body=b'"ready"'),
    ],
    ids=["text", "html", "broken-json", "an-object", "a-string"],
)
def test_an_address_without_the_api_is_said(tmp_path: Path, answer: Reply) -> None:
    with model_server() as server:
        server.models = answer
        found = finding(tmp_path, server.base_url)
    assert found.state == "broken"
    assert "does OPENAI_BASE_URL end in /v1?" in found.detail


@pytest.mark.parametrize(
    "listed",
    [
        {"object": "list", "data": None},
        {"object": "list", "data": [{"id": f"{MODEL}:latest"}]},
        {"object": "list", "data": [{"id": f"models/{MODEL}"}]},
        {"object": "list", "data": [{"name": MODEL}, None]},
        [{"id": MODEL, "type": "chat"}],
    ],
    ids=["ollama-without-models", "ollama", "google", "without-ids", "a-bare-list"],
)
def test_endpoints_list_their_models_in_their_own_ways(tmp_path: Path, listed: Any) -> None:
    with model_server() as server:
        server.models = Reply(body=json.dumps(listed).encode())
        found = finding(tmp_path, server.base_url)
    assert (found.state, found.detail) == ("ok", f"stage A {MODEL}, stage B {MODEL}")


@pytest.mark.parametrize(
    ("judge", "state", "said"),
    [
        (None, "off", "nobody judges"),
        (MODEL, "ok", f"{MODEL}, votes: 3"),
        ("gpt-9", "broken", "has no model gpt-9"),
        ("extractive", "broken", "cannot judge"),
    ],
)
def test_the_model_that_judges_is_asked_for_too(tmp_path: Path, judge: str | None, state: str, said: str) -> None:
    with model_server() as server:
        values: dict[str, Any] = {"openai_base_url": server.base_url, "openai_api_key": KEY, "model_judge": judge}
        settings = Settings(_env_file=None, judge_votes=3, **values)
        tracking = TrackingSettings(_env_file=None, MLFLOW_ENABLE_TRACKING=False, TECHNOSHARE_HOME=tmp_path)
        found = next(one for one in asyncio.run(diagnose(settings, tracking, tmp_path)) if one.what == "judge")
    assert found.state == state
    assert said in found.detail
