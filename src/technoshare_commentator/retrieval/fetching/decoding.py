"""Undoing Content-Encoding piece by piece, so that a small bomb never becomes a large string."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
_PIECE = 64 * 1024
_GZIP = frozenset({"gzip", "x-gzip"})
_HEADER_LENGTH = 2
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class BodyError(ValueError):
    """The body cannot be decoded; the fetcher adds whose body it was."""


class Decoder(Protocol):
    """Takes a body as it arrives and gives it decoded in pieces of bounded size."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode some more bytes."""
        ...

    def finish(self) -> None:
        """Raise `BodyError` when the body ended too early."""
        ...


class _Plain:
    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        return


class _Inflater:
    """One layer of gzip or deflate; servers send deflate with and without its zlib header."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._start = b""
        self._inflate: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            self._start += data
            if len(self._start) < _HEADER_LENGTH:
                return
            data, self._start = self._start, b""
            self._inflate = zlib.decompressobj(self._window(data))
        while data:
            if self._inflate.eof:
                if self._name not in _GZIP:
                    return  # whatever follows the end of the stream is not part of the page
                self._inflate = zlib.decompressobj(_GZIP_WINDOW)  # gzip may come in several members
            if piece := self._step(self._inflate, data):
                yield piece
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
        while not self._inflate.eof and (piece := self._step(self._inflate, b"")):
            yield piece

    def finish(self) -> None:
        if self._inflate is None or not self._inflate.eof:
            raise BodyError(f"the body ends in the middle of its {self._name} stream")

    def _window(self, start: bytes) -> int:
        if self._name in _GZIP:
            return _GZIP_WINDOW
        # RFC 1950: method 8, and the first two bytes are a multiple of 31; a bare stream never starts like this.
        with_header = start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:_HEADER_LENGTH]) % 31 == 0
        return zlib.MAX_WBITS if with_header else -zlib.MAX_WBITS

    def _step(self, inflate: zlib._Decompress, data: bytes) -> bytes:
        try:
            return inflate.decompress(data, _PIECE)
        except zlib.error as error:
            raise BodyError(f"the body is not valid {self._name} ({error})") from error


def decoder_for(header: str) -> Decoder:
    """Return the decoder for a Content-Encoding header; raise `BodyError` for what was not asked for."""
    names = [name for part in header.lower().split(",") if (name := part.strip()) and name != "identity"]
    if not names:
        return _Plain()
    if len(names) == 1 and (names[0] in _GZIP or names[0] == "deflate"):
        return _Inflater(names[0])
    raise BodyError(f"the body is encoded as {header!r}, though at most one of {ACCEPTED} was asked for")
