"""A dataset's file, open for new rows: what stands in it stays as it is, to the byte.

Whoever opens it has it alone (a lock on its folder), and an editor that saves it meanwhile is noticed: nothing is
written then.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Generic, cast

from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import E_co, load_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_SPACE = " \t\r\n"
_KEY = "examples"


class DatasetFile(Generic[E_co]):
    """A dataset and the bytes it was read from."""

    def __init__(self, path: Path, example_type: type[E_co]) -> None:
        """Read it; raises `DatasetError` for one that is malformed or cannot be read."""
        self.path = path
        self._type = example_type
        self._before = _read(path)
        # Not the one that is kept for a session of pytest: the file may have changed since.
        self.examples = cast("tuple[E_co, ...]", load_dataset.__wrapped__(path, example_type).examples)

    def append(self, rows: Sequence[Mapping[str, object]], files: Mapping[Path, str]) -> None:
        """Write files that the rows speak of, then the rows behind those that are there: all of it, or nothing.

        Raises `DatasetError` when the result would be no dataset, a file is there already with other content, the
        dataset has changed since it was read, or the disk refuses.
        """
        text = with_rows(self._before.decode("utf-8"), rows)
        draft = self.path.with_name(f".{self.path.name}.{os.getpid()}.draft")
        with ExitStack() as undo:
            try:
                undo.callback(draft.unlink, missing_ok=True)
                _write(draft, text)
                draft.chmod(self.path.stat().st_mode & 0o777)
                load_dataset.__wrapped__(draft, self._type)
                for path, content in files.items():
                    if _write_new(path, content):
                        undo.callback(path.unlink, missing_ok=True)
                if _read(self.path) != self._before:
                    raise DatasetError(
                        f"dataset {str(self.path)!r} was changed meanwhile; it stays as it is, try again"
                    )
                draft.replace(self.path)
            except OSError as error:
                where = error.filename or str(self.path)
                raise DatasetError(f"{str(where)!r} cannot be written: {error.strerror}; nothing was added") from error
            undo.pop_all()


@contextmanager
def open_dataset(path: Path, example_type: type[E_co]) -> Iterator[DatasetFile[E_co]]:
    """Open a dataset for new rows; others of us who want to add to a dataset in its folder wait for the end."""
    path = path.resolve()  # a link stays one
    if not path.is_file():
        problem = "is no file" if path.exists() else "does not exist"
        raise DatasetError(f"dataset {str(path)!r} {problem}; go to the project's folder, or name another --dataset")
    with _alone_in(path.parent):
        yield DatasetFile(path, example_type)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise DatasetError(f"the folder {str(folder)!r} cannot be opened: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def with_rows(text: str, rows: Sequence[Mapping[str, object]]) -> str:
    """Return a dataset's text with rows behind its last one, indented as its first one is.

    `text` holds a dataset with at least one row.
    """
    start, end = _span_of_rows(text)
    lead = text[start : _after(text, start)]
    last = len(text[:end].rstrip(_SPACE))
    newline = "\r\n" if "\r\n" in lead else "\n" if "\n" in lead else ""
    margin = lead.rpartition("\n")[2] if newline else ""
    indent = margin[: len(margin) // 2] if newline else None
    between = f",{newline}{margin}" if newline else ", "
    written = [json.dumps(row, indent=indent, ensure_ascii=False) for row in rows]
    added = "".join(between + row.replace("\n", f"{newline}{margin}") for row in written)
    return text[:last] + added + text[last:]


def _span_of_rows(text: str) -> tuple[int, int]:
    """Where the rows begin and end between the brackets of the key `examples`."""
    decoder = json.JSONDecoder()
    position = _after(text, text.index("{") + 1)
    while True:
        key, position = decoder.raw_decode(text, position)
        start = _after(text, _after(text, position) + 1)  # behind the colon
        _, end = decoder.raw_decode(text, start)
        if key == _KEY:
            return start + 1, end - 1
        position = _after(text, _after(text, end) + 1)  # behind the comma


def _after(text: str, position: int) -> int:
    """The next position that is no white space."""
    return position + len(text[position:]) - len(text[position:].lstrip(_SPACE))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetError(f"dataset {str(path)!r} cannot be read: {error.strerror}") from error


def _write(path: Path, text: str) -> None:
    with path.open("wb") as file:
        file.write(text.encode(errors="replace"))
        file.flush()
        os.fsync(file.fileno())


def _write_new(path: Path, content: str) -> bool:
    """Write a file that is not there yet; False when it is there with this very content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        if path.read_bytes() != content.encode(errors="replace"):
            raise DatasetError(f"{str(path)!r} is there already with other content; choose another --id")
        return False
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        _write(draft, content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return True
