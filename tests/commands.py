"""`technoshare …` as the shell would run it: in a process of its own, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from forks import forks

if TYPE_CHECKING:
    from collections.abc import Mapping

_SECONDS = 120


def technoshare(
    *arguments: str, folder: Path, settings: Mapping[str, str] | None = None, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, without any setting of this machine but those given, and return what it printed."""
    base = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**base, **(settings or {})}
    with tempfile.TemporaryDirectory(prefix="command-") as name:
        streams = [Path(name, stream) for stream in ("in", "out", "err")]
        streams[0].write_text(stdin, encoding="utf-8")
        process = forks().Process(target=_run, args=(arguments, folder, environment, streams))
        process.start()
        process.join(_SECONDS)
        if process.is_alive():
            process.kill()
            raise subprocess.TimeoutExpired(list(arguments), _SECONDS)
        out, err = (stream.read_text(encoding="utf-8") for stream in streams[1:])
    return subprocess.CompletedProcess(list(arguments), process.exitcode or 0, out, err)


def _run(arguments: tuple[str, ...], folder: Path, environment: dict[str, str], streams: list[Path]) -> None:
    """Become what the shell would have started."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, (path, flags) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        os.dup2(os.open(path, flags), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - a descriptor, for as long as it runs
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - as above
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115 - as above
    sys.argv = ["technoshare", *arguments]
    from technoshare_commentator.cli.app import main  # noqa: PLC0415 - the server has it already

    main()
