from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.errors import FetchRefusedError
from technoshare_commentator.retrieval.fetching.addresses import AnyAddress, PublicAddresses
from technoshare_commentator.retrieval.fetching.target import parse_target

ORDINARY = [
    ("https://example.com", "https", "example.com", 443),
    ("http://example.com:8080/a/b?c=d#e", "http", "example.com", 8080),
    ("HTTPS://Example.COM:443/", "https", "example.com", 443),
    ("https://b\u00fccher.example/\u00e4", "https", "xn--bcher-kva.example", 443),
    ("https://under_score.example-site.co.uk/", "https", "under_score.example-site.co.uk", 443),
    ("https://1password.com/", "https", "1password.com", 443),
    ("https://8.8.8.8/", "https", "8.8.8.8", 443),
    ("https://[2606:4700:4700::1111]:8443/", "https", "2606:4700:4700::1111", 8443),
    ("https://example.com/a?url=http://127.0.0.1/&next=//localhost", "https", "example.com", 443),
    ("https://example.com/@user/post", "https", "example.com", 443),
    ("https://mylocal.example/", "https", "mylocal.example", 443),
]


@pytest.mark.parametrize(("url", "scheme", "host", "port"), ORDINARY)
def test_an_ordinary_url_passes(url: str, scheme: str, host: str, port: int) -> None:
    target = parse_target(url, PublicAddresses())
    assert target.origin == (scheme, host, port)


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/", "http://wiki/", "http://10.0.0.1/", "http://[::1]/", "http://a.local/"]
)
def test_names_and_numbers_of_an_intranet_pass_when_private_ones_are_allowed(url: str) -> None:
    assert parse_target(url, AnyAddress()).host


@pytest.mark.parametrize("url", ["http://127.1/", "http://0x7f000001/", "http://[fe80::1%25eth0]/", "http://wiki./"])
def test_disguises_are_refused_even_when_private_addresses_are_allowed(url: str) -> None:
    with pytest.raises(FetchRefusedError):
        parse_target(url, AnyAddress())


def test_a_password_is_not_repeated_in_the_message() -> None:
    with pytest.raises(FetchRefusedError, match="user name or password") as refusal:
        parse_target("https://ada:hunter2@example.com/a", PublicAddresses())
    assert "hunter2" not in str(refusal.value)
    assert "https://…@example.com/a" in str(refusal.value)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_a_target_or_refused(text: str) -> None:
    for url in (text, f"http://{text}", f"http://example.com:{text}/", f"https://{text}/"):
        try:
            target = parse_target(url, PublicAddresses())
        except FetchRefusedError:
            continue
        assert target.scheme in {"http", "https"}
        assert target.host.isascii()
