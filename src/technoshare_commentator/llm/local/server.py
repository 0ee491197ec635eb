"""One local model behind an OpenAI-compatible API on loopback, in a process of its own.

    python -m technoshare_commentator.llm.local.server smollm2 --port 8081

The process ends with its standard input, so that it cannot outlive whoever started it.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.llm.local.models import LocalModel, find_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTEXT_TOKENS = 8192
_SLOTS = 2  # each keeps what it read last: the instructions of both stages are read once and not for every page
_START_SECONDS = 120.0  # a cold disk and a slow machine
_LOOK_SECONDS = 0.1


@contextmanager
def served(model: LocalModel, port: int | None = None, log: Path | None = None) -> Iterator[str]:
    """Serve a model while the block lasts; gives the base URL. What llama.cpp says goes to `log`.

    Raises `ConfigurationError` when a package is missing, the port is taken, or the server does not come up.
    """
    model.file()
    port = model.port if port is None else port
    _require_free(model, port)
    command = [sys.executable, "-m", __name__, model.name, "--port", str(port)]
    with open(log or os.devnull, "wb") as said:  # noqa: PTH123 - os.devnull is no Path
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said)  # noqa: S603 - our own module
        try:
            _wait_until_ready(process, model, port, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()  # it keeps nothing that an orderly end would save
            process.communicate()


def _require_free(model: LocalModel, port: int) -> None:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationError(
                f"{model.name!r} cannot be served on port {port}: {error.strerror}; stop what listens there "
                "(perhaps another `technoshare local-llm`), or choose another --port"
            ) from None


def _wait_until_ready(process: subprocess.Popen[bytes], model: LocalModel, port: int, log: Path | None) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{port}/health") as health:
            if health.status == 200:  # noqa: PLR2004 - OK
                return
        time.sleep(_LOOK_SECONDS)
    why = "ended" if process.poll() is not None else f"did not answer within {_START_SECONDS:g} s"
    raise ConfigurationError(f"the server of {model.name!r} {why}; {f'{log} says why' if log else 'run it with a log'}")


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    model = find_model(asked.model)
    import xllamacpp  # noqa: PLC0415 - the one process that needs it

    params = xllamacpp.CommonParams()
    params.model.path = str(model.file())
    params.model_alias = {model.name}
    params.port = asked.port
    params.n_ctx = CONTEXT_TOKENS * _SLOTS
    params.n_parallel = _SLOTS
    params.cpuparams.n_threads = os.cpu_count() or 1
    server = xllamacpp.Server(params)  # noqa: F841 - it serves as long as somebody holds it
    with suppress(KeyboardInterrupt):
        sys.stdin.read()
    os._exit(0)  # its threads would wait for the request that they are in


if __name__ == "__main__":
    main()
