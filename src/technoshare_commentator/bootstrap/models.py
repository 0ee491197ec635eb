"""The models of the settings' endpoint: one client and one memory of refusals for all who ask them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    import httpx2
    from openai import AsyncOpenAI

    from technoshare_commentator.config import Settings
    from technoshare_commentator.llm.completions import Completions
    from technoshare_commentator.llm.endpoint import Endpoint

_NO_KEY = "unused"  # the SDK wants one, endpoints on this machine do not


@dataclass(frozen=True)
class Requests:
    """How requests to models leave, for whoever records or paces them: the HTTP client, and what each waits for."""

    http_client: httpx2.AsyncClient | None = None
    before: Callable[[], Awaitable[None]] | None = None


class Models:
    """Whoever shares this shares its connections, and what each model was seen to refuse."""

    def __init__(self, settings: Settings, requests: Requests | None = None) -> None:
        """Take the settings; nothing is opened before the first call."""
        self._settings = settings
        self._requests = requests or Requests()
        self._sdk: AsyncOpenAI | None = None
        self._endpoints: dict[str, Endpoint] = {}

    def completions(self, name: str) -> Completions:
        """Calls of the model `name`."""
        from technoshare_commentator.llm.completions import Completions  # noqa: PLC0415 - brings the SDK

        return Completions(
            self._client(),
            self._endpoint(name),
            timeout_seconds=self._settings.model_timeout_seconds,
            provider=self._settings.model_provider or "",
            before_request=self._requests.before,
        )

    async def problem(self, names: Iterable[str]) -> str:
        """Ask the endpoint whether models can be used; "" where nothing speaks against it."""
        from technoshare_commentator.llm.probe import problem_with  # noqa: PLC0415 - brings the SDK

        return await problem_with(self._client(), sorted(names))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._sdk is not None:
            await self._sdk.close()

    def _endpoint(self, name: str) -> Endpoint:
        from technoshare_commentator.llm.endpoint import Endpoint  # noqa: PLC0415 - only models need it

        return self._endpoints.setdefault(name, Endpoint(str(self._client().base_url), name))

    def _client(self) -> AsyncOpenAI:
        if self._sdk is None:
            from openai import AsyncOpenAI  # noqa: PLC0415 - takes half a second

            key = self._settings.openai_api_key
            self._sdk = AsyncOpenAI(
                api_key=key.get_secret_value() if key else _NO_KEY,
                base_url=self._settings.openai_base_url,
                timeout=self._settings.model_timeout_seconds,
                max_retries=self._settings.model_max_retries,
                http_client=self._requests.http_client,
            )
        return self._sdk


def require_key(settings: Settings, *names: str, instead: str = "") -> None:
    """Raise `ConfigurationError` when the models of these variables need a key and there is none.

    `instead` says what else can be done.
    """
    from technoshare_commentator.llm.pricing import is_local  # noqa: PLC0415 - only models need it

    if settings.openai_api_key is None and not is_local(settings.openai_base_url or ""):
        set_to = " and ".join(f"{name}={getattr(settings, name.lower())!r}" for name in names)
        raise ConfigurationError(
            f"{set_to} need{'' if len(names) > 1 else 's'} OPENAI_API_KEY, or OPENAI_BASE_URL of a server on this "
            f"machine (`technoshare local-llm` starts one); set it{instead}"
        )
