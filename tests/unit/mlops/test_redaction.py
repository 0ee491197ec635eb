"""No secret gets through, and JSON stays JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from technoshare_commentator.mlops.records import RunRecord, Shipment
from technoshare_commentator.mlops.redaction import REDACTED, Redactor, without_password

# Made up, of the published shapes; cut in two so that scanners of repositories stay calm.
TOKENS = {
    "Slack bot": "xox" + "b-1111-2222-abcdefABCDEF",
    "Slack user": "xox" + "p-1111-2222-3333-abcdef",
    "Slack rotated": "xox" + "e.xoxb-1-abcdefABCDEF",
    "Slack app": "xap" + "p-1-A0000-1111-abcdef",
    "Slack webhook": "https://hooks.slack.com/" + "services/T0000/B0000/abcdefABCDEF0123456789",
    "OpenAI": "sk" + "-abcdefABCDEF0123456789",
    "OpenAI project": "sk" + "-proj-abc_DEF-0123456789",
    "GitHub classic": "gh" + "p_abcdefABCDEF0123456789",
    "GitHub app": "gh" + "s_abcdefABCDEF0123456789",
    "GitHub fine-grained": "github" + "_pat_11ABCDEFG0abcdef_ABCDEF0123456789",
    "AWS": "AKI" + "AABCDEFGHIJ012345",
    "AWS temporary": "ASI" + "AABCDEFGHIJ012345",
    "JSON web token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-DEF_012",
}


def redacted(value: Any, secrets: tuple[str, ...] = (), *, ensure_ascii: bool = False) -> Any:
    return json.loads(Redactor(secrets)(json.dumps(value, ensure_ascii=ensure_ascii).encode()))


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize(
    "around",
    ["{}", "key={}", "({})", "first line\n{}\nlast line", "\t{}\t", "é{}é", '"{}"', "\\{}", "\x01{}", "https://{}"],
)
def test_tokens_are_found_wherever_they_stand(token: str, around: str) -> None:
    text = around.format(token)
    for value in (text, [{"a": text}], json.dumps({"deep": text}), json.dumps({"deeper": json.dumps([text])})):
        for ensure_ascii in (True, False):
            found = json.dumps(redacted(value, ensure_ascii=ensure_ascii))
            assert token.rpartition("/")[2] not in found
            assert REDACTED in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abcdef0123456789ABCDEF", "Authorization: Bearer [redacted]"),
        ("authorization: bearer abcdef0123456789ABCDEF", "authorization: bearer [redacted]"),
        ("postgresql://mlflow:p4ss%40word@db.example/x", "postgresql://[redacted]@db.example/x"),
        ("redis://:p4ssword@db.example", "redis://[redacted]@db.example"),
        ("http://user:pässwörd@db.example", "http://[redacted]@db.example"),
    ],
)
def test_bearer_headers_and_passwords_in_urls_are_found(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(text, ensure_ascii=True) == expected


@pytest.mark.parametrize(
    "text",
    [
        "task-management-of-something-long and risk-assessment-for-everybody",
        "https://example.com:8080/path?time=12:30",
        "mailto:someone@example.com and https://example.com/@someone/12:30",
        "the bearer of bad news",
        "MAKIAABCDEFGHIJ012345 is no key of AWS",
        "sk-short",
    ],
)
def test_prose_is_left_alone(text: str) -> None:
    assert redacted(text) == text


AWKWARD = [
    'quo"te-secret',
    "back\\slash-secret",
    "ünï-cödé-🔑-secret",
    "line\nbreak",
    "tab\tand\x01bell",
    "a/b?c&d=e f",
]


@pytest.mark.parametrize("secret", AWKWARD)
def test_known_secrets_are_found_however_deep_and_however_escaped(secret: str) -> None:
    for ensure_ascii in (True, False):
        value: Any = f"before {secret} after"
        for _ in range(3):
            found = redacted(value, (secret,), ensure_ascii=ensure_ascii)
            assert "before [redacted] after" in json.dumps(found)
            value = json.dumps({"inner": value}, ensure_ascii=ensure_ascii)


def test_a_secret_is_found_as_part_of_a_url() -> None:
    assert redacted("https://api.example/?key=a%2Fb%3Fc%26d%3De%20f&x=1", ("a/b?c&d=e f",)) == (
        "https://api.example/?key=[redacted]&x=1"
    )


def test_of_two_secrets_of_which_one_begins_the_other_the_longer_is_hidden_whole() -> None:
    assert redacted("hunter2-longer hunter2", ("hunter2", "hunter2-longer")) == "[redacted] [redacted]"


def test_very_short_secrets_are_left_alone_because_they_are_everywhere() -> None:
    assert redacted("a and b", ("a", "")) == "a and b"


def test_secrets_made_of_digits_or_of_our_own_words_do_not_break_a_record() -> None:
    run = RunRecord(name="job 123456", kind="job", start_ns=1234567890, metrics={"tokens": 123456.0})
    run.params["note"] = "metrics of params"
    content = Redactor(["123456", "params", "metrics", "experiment", "n12345"])(Shipment("e", "u", run).to_json())
    again = Shipment.from_json(content).run
    assert (again.name, again.start_ns, again.metrics) == ("job [redacted]", 1234567890, {"tokens": 123456.0})
    assert again.params == {"note": "[redacted] of [redacted]"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def shape(value: Any) -> Any:
    """The value with every text taken out; keys stay."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return "text" if isinstance(value, str) else value


@given(
    value=json_values,
    secrets=st.lists(st.text(max_size=12) | st.sampled_from([*AWKWARD, "123456", "u00e9n1"]), max_size=4),
    ensure_ascii=st.booleans(),
)
@example(value={"a": "\n12345 and \u00e9"}, secrets=["n12345", "u00e9 "], ensure_ascii=True)
@example(value=[1234567, "\\", '"', "\\\\n12345"], secrets=["234567", "n12345"], ensure_ascii=False)
@settings(max_examples=300, deadline=None)
def test_redaction_never_breaks_json_nor_changes_its_shape(
    value: Any, secrets: list[str], *, ensure_ascii: bool
) -> None:
    content = json.dumps(value, ensure_ascii=ensure_ascii).encode(errors="replace")
    expected = shape(json.loads(content))
    assert shape(json.loads(Redactor(secrets)(content))) == expected


@given(secret=st.text(st.characters(exclude_categories=["Cs"]), min_size=6), before=st.text(), after=st.text())
@settings(max_examples=200, deadline=None)
def test_no_value_still_holds_a_known_secret(secret: str, before: str, after: str) -> None:
    assume(secret not in REDACTED)
    content = json.dumps([before + secret + after]).encode()
    (found,) = json.loads(Redactor([secret])(content))
    assert secret not in found.replace(REDACTED, "\ue000")


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (
            "postgresql+psycopg2://mlflow:p4ss@db.example:5432/mlflow",
            "postgresql+psycopg2://mlflow@db.example:5432/mlflow",
        ),
        ("http://:p4ss@mlflow.example", "http://@mlflow.example"),
        ("http://mlflow.example:5000", "http://mlflow.example:5000"),
        ("sqlite:////home/me@work/a:b@c.db", "sqlite:////home/me@work/a:b@c.db"),
    ],
)
def test_the_address_of_a_store_is_shown_without_its_password(uri: str, shown: str) -> None:
    assert without_password(uri) == shown
