from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.errors import FetchRefusedError
from technoshare_commentator.retrieval.fetching.addresses import (
    AnyAddress,
    PublicAddresses,
    parse_address,
    why_not_public,
)
from technoshare_commentator.retrieval.fetching.target import parse_target

NAT64 = IPv6Network("64:ff9b::/96")  # has a test of its own below
OCTETS = st.integers(0, 255)
# Networks that strangers aim at, so that random numbers fall into them often enough.
NON_PUBLIC_V4 = st.one_of(
    st.builds(lambda a, b, c: (10 << 24) | (a << 16) | (b << 8) | c, OCTETS, OCTETS, OCTETS),
    st.builds(lambda a, b, c: (127 << 24) | (a << 16) | (b << 8) | c, OCTETS, OCTETS, OCTETS),
    st.builds(lambda a, b: (169 << 24) | (254 << 16) | (a << 8) | b, OCTETS, OCTETS),
    st.builds(lambda a, b: (192 << 24) | (168 << 16) | (a << 8) | b, OCTETS, OCTETS),
    st.integers(100 << 24 | 64 << 16, (100 << 24 | 127 << 16) + 0xFFFF),
    st.integers(224 << 24, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFF),
).map(IPv4Address)


def spellings(address: IPv4Address) -> list[str]:
    """Every way to write an IPv4 address that some resolver somewhere understands."""
    number = int(address)
    a, b, c, d = address.packed
    low16, low24 = number & 0xFFFF, number & 0xFFFFFF
    high, low = number >> 16, number & 0xFFFF
    return [
        f"{a}.{b}.{c}.{d}", f"{a}.{b}.{c}.{d}.", f"{number}", f"0x{number:x}", f"0X{number:X}", f"0{number:o}",
        f"{a}.{low24}", f"{a}.{b}.{low16}", f"0x{a:x}.{b}.{c}.{d}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:03d}.{b:03d}.{c:03d}.{d:03d}", f"0x{a:x}.0x{low24:x}", f"{a}%2e{b}%2e{c}%2e{d}",
        f"{a}\u3002{b}\uff0e{c}\uff61{d}", f"[::ffff:{a}.{b}.{c}.{d}]", f"[::ffff:{high:x}:{low:x}]",
        f"[::{a}.{b}.{c}.{d}]", f"[64:ff9b::{high:x}:{low:x}]", f"[2002:{high:x}:{low:x}::1]",
        f"[2001:0:{high:x}:{low:x}::1]", f"[0:0:0:0:0:ffff:{a}.{b}.{c}.{d}]",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(NON_PUBLIC_V4, st.sampled_from(["http", "https", "HTTP"]), st.sampled_from(["", ":80", ":8080"]))
def test_no_spelling_of_a_non_public_address_is_let_through(address: IPv4Address, scheme: str, port: str) -> None:
    for spelling in spellings(address):
        with pytest.raises(FetchRefusedError):
            parse_target(f"{scheme}://{spelling}{port}/", PublicAddresses())


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_ipv4_address_that_passes_is_global_for_python_too(address: IPv4Address) -> None:
    if not why_not_public(address):
        assert address.is_global
        assert not address.is_multicast


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.integers(0, 2**128 - 1),
        st.integers(0, 2**125 - 1).map(lambda low: (1 << 125) | low),  # 2000::/3, where most of it is public
        st.integers(0, 2**112 - 1).map(lambda low: (0x2002 << 112) | low),
        st.integers(0, 2**32 - 1).map(lambda low: (0xFFFF << 32) | low),
    ).map(IPv6Address)
)
def test_an_ipv6_address_that_passes_is_global_for_python_too(address: IPv6Address) -> None:
    if not why_not_public(address) and address not in NAT64:
        assert address.is_global
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_translated_address_is_judged_by_what_it_translates(address: IPv4Address) -> None:
    translated = IPv6Address((0x64FF9B << 96) | int(address))
    assert bool(why_not_public(translated)) == bool(why_not_public(address))


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "198.41.0.4", "2606:4700:4700::1111", "2a00:1450:4001::8a"])
def test_public_addresses_pass(text: str) -> None:
    assert why_not_public(ip_address(text)) == ""


@pytest.mark.parametrize(
    "text", ["100.63.255.255", "100.128.0.0", "172.15.0.1", "172.32.0.1", "11.0.0.0", "223.255.255.255"]
)
def test_the_neighbours_of_special_networks_pass(text: str) -> None:
    assert why_not_public(ip_address(text)) == ""


@pytest.mark.parametrize("text", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1", "224.0.0.1"])
def test_any_address_passes_when_private_ones_are_allowed(text: str) -> None:
    assert AnyAddress().why_refused(ip_address(text)) == ""


@pytest.mark.parametrize("text", ["127.1", "0177.0.0.1", "2130706433", "1.2.3", "example.com", "", "1.2.3.4 ", "[::1]"])
def test_only_the_canonical_spelling_is_an_address(text: str) -> None:
    assert parse_address(text) is None
