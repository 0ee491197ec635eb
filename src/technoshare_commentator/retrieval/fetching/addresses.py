"""Which IP addresses may be connected to: public ones, unless private ones are allowed on purpose."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol

IPAddress = IPv4Address | IPv6Address

# IANA's registries of special-purpose addresses, https://www.iana.org/assignments/iana-ipv4-special-registry and
# .../iana-ipv6-special-registry. Written out instead of asking `ipaddress.is_global`, whose answer differs between
# Python versions and does not say why.
_IPV4 = tuple(
    (IPv4Network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by carriers (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("255.255.255.255/32", "broadcast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_IPV6 = tuple(
    (IPv6Network(network), kind)
    for network, kind in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6 form"),
        ("::/96", "an IPv4 address in IPv6 form"),
        ("64:ff9b:1::/48", "a local translation of IPv4"),
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# Networks without IPv4 of their own see every public IPv4 host through this prefix (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFFFFFF


class AddressPolicy(Protocol):
    """Decides about addresses; tests bring their own, so that loopback can play both the public and the inside."""

    def why_refused(self, address: IPAddress) -> str:
        """Return what kind of address it is when it must not be connected to, else an empty string."""
        ...


class PublicAddresses:
    """Only public addresses."""

    def why_refused(self, address: IPAddress) -> str:
        """Return the kind of special address, empty for a public one."""
        return why_not_public(address)


class AnyAddress:
    """Every address: for intranets and tests (`--allow-private`)."""

    def why_refused(self, address: IPAddress) -> str:  # noqa: ARG002 - the signature of the protocol
        """Return an empty string."""
        return ""


def why_not_public(address: IPAddress) -> str:
    """Return the kind of special-purpose address (`loopback`, `private`, …), empty for a public unicast address."""
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _IPV4 if address in network), "")
    if address.scope_id:
        return "bound to a network interface"
    if address in _NAT64:
        inner = why_not_public(IPv4Address(int(address) & _LAST_32_BITS))
        return f"a translation of an address that is {inner}" if inner else ""
    named = next((kind for network, kind in _IPV6 if address in network), "")
    return named or ("" if address in _GLOBAL_UNICAST else "reserved")


def parse_address(text: str) -> IPAddress | None:
    """Return the address that `text` spells canonically (no octal, no hexadecimal, no missing parts), else None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
