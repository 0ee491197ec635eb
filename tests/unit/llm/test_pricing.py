from __future__ import annotations

from typing import Any

import pytest

from technoshare_commentator.llm.pricing import cost_usd, is_local

OPENAI = "https://api.openai.com/v1/"


def completion(model: str = "gpt-4o-mini", *, cached: int = 0, **usage: int) -> dict[str, Any]:
    used = {"prompt_tokens": 1_000_000, "completion_tokens": 100_000, "total_tokens": 1_100_000, **usage}
    return {"model": model, "usage": {**used, "prompt_tokens_details": {"cached_tokens": cached}}}


def test_a_known_model_has_its_published_price() -> None:
    # 0.15 and 0.60 dollars a million tokens: https://openai.com/api/pricing
    assert cost_usd(completion(), "gpt-4o-mini", OPENAI) == pytest.approx(0.15 + 0.06)


def test_cached_tokens_are_cheaper() -> None:
    whole, cached = (cost_usd(completion(cached=tokens), "gpt-4o-mini", OPENAI) for tokens in (0, 500_000))
    assert whole is not None
    assert cached is not None
    assert cached < whole


def test_the_model_that_the_server_reports_counts_before_the_one_that_was_asked_for() -> None:
    dated = cost_usd(completion("gpt-4o-mini-2024-07-18"), "an-alias-of-mine", OPENAI)
    assert dated == cost_usd(completion(), "gpt-4o-mini", OPENAI)
    assert cost_usd(completion("a-deployment"), "gpt-4o-mini", OPENAI) == dated


@pytest.mark.parametrize("base_url", [OPENAI, "https://gateway.acme.example/v1"])
def test_what_is_not_in_the_price_data_is_unknown_and_not_free(base_url: str) -> None:
    assert cost_usd(completion("acme-9000"), "acme-9000", base_url) is None


def test_a_gateway_that_names_its_provider_has_prices() -> None:
    at_home = cost_usd(completion(), "gpt-4o-mini", "http://127.0.0.1:4000/v1", "openai")
    assert at_home == cost_usd(completion(), "gpt-4o-mini", OPENAI)


def test_a_model_on_this_machine_costs_nothing_whatever_its_name() -> None:
    assert cost_usd(completion(), "gpt-4o-mini", "http://127.0.0.1:8081/v1") == 0.0


def test_an_answer_without_usage_has_no_known_price() -> None:
    assert cost_usd({"model": "gpt-4o-mini", "usage": None}, "gpt-4o-mini", OPENAI) is None


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://[::1]:1/v1", "http://127.9.9.9/", "http://LOCALHOST"])
def test_addresses_of_this_machine_are_local(url: str) -> None:
    assert is_local(url)


@pytest.mark.parametrize("url", ["", "http://10.0.0.1/v1", "http://localhost.example.com", "https://api.openai.com/v1"])
def test_all_others_are_not(url: str) -> None:
    assert not is_local(url)
