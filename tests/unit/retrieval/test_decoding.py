from __future__ import annotations

import gzip
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.fetching.decoding import BodyError, decoder_for

TEXT = b"The index is rebuilt once an hour. " * 4000


def decoded(header: str, body: bytes, step: int) -> bytes:
    decoder = decoder_for(header)
    pieces = [piece for start in range(0, len(body), step) for piece in decoder.feed(body[start : start + step])]
    decoder.finish()
    return b"".join(pieces)


@pytest.mark.parametrize("step", [1, 7, 4096, 10**9])
@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(b"") + gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT, wbits=-15)),
        ("", TEXT),
    ],
)
def test_a_body_is_decoded_however_it_is_cut_into_packets(header: str, body: bytes, step: int) -> None:
    assert decoded(header, body, step) == TEXT


def test_no_piece_is_large_however_much_is_packed_into_a_packet() -> None:
    bomb = gzip.compress(bytes(20_000_000))
    sizes = [len(piece) for piece in decoder_for("gzip").feed(bomb)]
    assert max(sizes) <= 64 * 1024
    assert sum(sizes) == 20_000_000


@pytest.mark.parametrize("header", ["gzip", "deflate"])
def test_a_body_that_ends_too_early_is_an_error(header: str) -> None:
    body = gzip.compress(TEXT) if header == "gzip" else zlib.compress(TEXT)
    with pytest.raises(BodyError, match="in the middle"):
        decoded(header, body[:-5], 4096)


@pytest.mark.parametrize("header", ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip;q=1"])
def test_an_encoding_that_was_not_asked_for_is_an_error(header: str) -> None:
    with pytest.raises(BodyError, match="encoded as"):
        decoder_for(header)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]), st.integers(1, 50))
def test_arbitrary_bytes_are_decoded_or_refused(body: bytes, header: str, step: int) -> None:
    try:
        message = f"the body is {decoded(header, body, step)!r}"
    except BodyError as error:
        message = str(error)
    assert message.startswith("the body ")


def test_a_damaged_body_is_an_error() -> None:
    body = bytearray(gzip.compress(random.Random(7).randbytes(5000)))  # noqa: S311 - noise, not a secret
    body[2000] ^= 0xFF
    with pytest.raises(BodyError):
        decoded("gzip", bytes(body), 512)
