"""What a model call cost, in US dollars, by the maintained price data of genai-prices.

A price that is not known is None, never zero. A model on this machine costs nothing.
"""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

LOCAL_COST_USD = 0.0


def cost_usd(completion: dict[str, Any], model: str, base_url: str, provider: str = "") -> float | None:
    """Price a chat completion, given as the endpoint's JSON; None where model or provider is not in the price data.

    `model` is the name that was asked for; the one that the endpoint reports counts first. `provider` is an id of
    genai-prices, for gateways whose address says nothing; it also makes a loopback address a gateway.
    """
    if not provider and is_local(base_url):
        return LOCAL_COST_USD
    from genai_prices import calc_price, extract_usage  # noqa: PLC0415 - only calls that cost something pay for it

    where: dict[str, Any] = {"provider_id": provider} if provider else {"provider_api_url": base_url}
    for name in dict.fromkeys((str(completion.get("model") or model), model)):
        try:
            usage = extract_usage({**completion, "model": name}, api_flavor="chat", **where).usage
            return float(calc_price(usage, name, **where).total_price)
        except (LookupError, ValueError):  # no such provider or model; no usage in the answer
            continue
    return None


def is_local(base_url: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = (urlsplit(base_url).hostname or "").lower()
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
