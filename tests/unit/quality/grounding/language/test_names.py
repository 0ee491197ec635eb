from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.quality.grounding.language.names import key, names


def found(sentence: str) -> list[str]:
    return [name.text for name in names(sentence)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("We moved from Redis to Valkey.", ["Redis", "Valkey"]),
        ("It runs PyTorch and vLLM on an H100.", ["PyTorch", "vLLM", "H100"]),
        ("It speaks HTTP and gRPC.", ["HTTP", "gRPC"]),
        ("Use Node.js, C++ or C#.", ["Node.js", "C++", "C#"]),
        ("We asked GPT-4 and gpt-4o about CVE-2024-1234.", ["GPT-4", "gpt-4o", "CVE-2024-1234"]),
        ("Set `max_tokens` in config.yaml.", ["max_tokens", "config.yaml"]),
        ("The team at Brightwater Labs built it.", ["Brightwater", "Labs"]),
        ("It needs an 8-GPU node.", ["GPU"]),
        ("It is a PyTorch-based model by O'Reilly.", ["PyTorch-based", "O'Reilly"]),
        ("Grafana's dashboards changed.", ["Grafana"]),
        ("Lyft built it.", ["Lyft"]),
        ("Lyft now uses it.", ["Lyft"]),
        ("Lyft stores the data.", ["Lyft"]),
        ("Kafka 4.0 adds queues.", ["Kafka"]),
        ("Windows has a port.", ["Windows"]),
        ("It has one rule: Keep it simple.", []),
        ("It is old. Then it changed.", []),
        ("Teams built it.", []),
        ("Latency is low.", []),
        ("Nearly 40 people came.", []),
        ("Vector stores in the cloud are slow.", []),
        ("Using Redis is easy.", ["Redis"]),
        ("It takes sub-10 ms on top-5 hits, e.g. when I say so.", []),
        ("It came with v1.2 and a p99 of 3 ms.", []),
        ("The API of the CLI has a UI.", []),
    ],
)
def test_the_names_of_a_sentence(sentence: str, expected: list[str]) -> None:
    assert found(sentence) == expected


@pytest.mark.parametrize(("one", "other"), [("Node.js", "NodeJS"), ("GPT-4", "gpt4"), ("RocksDB", "rocksdb")])
def test_spelling_does_not_tell_names_apart(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_the_marks_of_c_sharp_and_c_plus_plus_do() -> None:
    assert len({key("C"), key("C#"), key("C++")}) == 3


@given(st.text())
def test_any_sentence_has_names_that_stand_in_it(sentence: str) -> None:
    for name in names(sentence):
        assert name.text in sentence
