"""Which URLs may be asked for at all, before any name is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.errors import FetchRefusedError
from technoshare_commentator.retrieval.fetching.addresses import AddressPolicy, IPAddress, parse_address

if TYPE_CHECKING:
    from httpx2 import URL

DEFAULT_PORTS = {"http": 80, "https": 443}
ALLOW_PRIVATE_HINT = "pass --allow-private if this is your own network"
_LONGEST_URL = 4096
_FIRST_FREE_PORT = 1024
_LAST_PORT = 65535
_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
# The last label decides whether a host is a number (WHATWG URL, "ends in a number"): such hosts are addresses in
# decimal, octal or hexadecimal for most resolvers.
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)")
# Names that by definition or custom lead inside (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
_INSIDE = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain", "home.arpa", "onion")


@dataclass(frozen=True)
class Target:
    """A URL that passed: `url` as it will be sent, and what to connect to."""

    url: URL
    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: what credentials belong to."""
        return self.scheme, self.host, self.port


def parse_target(url: str, policy: AddressPolicy) -> Target:
    """Check the spelling of a URL and any address in it; raise `FetchRefusedError` naming the rule it breaks."""
    import httpx2  # noqa: PLC0415 - importing the package stays cheap

    _refuse_odd_characters(url)
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise _refusal(url, f"it is not a valid URL ({error})", "check how it is spelled") from None
    scheme = parsed.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise _refusal(url, f"its scheme is {scheme!r}", "only http and https links are read")
    if parsed.userinfo:
        shown = str(parsed.copy_with(userinfo=b"")).replace("://", "://…@", 1)  # messages are logged and posted
        raise _refusal(shown, "it carries a user name or password", "remove everything before the @")
    host = parsed.raw_host.decode("ascii").lower()
    port = parsed.port if parsed.port is not None else DEFAULT_PORTS[scheme]
    _refuse_port(url, port)
    _refuse_host(url, host, policy)
    return Target(parsed, scheme, host, port)


def refuse_address(url: str, host: str, address: IPAddress, policy: AddressPolicy) -> None:
    """Raise `FetchRefusedError` when the policy does not let `address`, which `host` stands for, be connected to."""
    if kind := policy.why_refused(address):
        named = f"{host} is" if host == str(address) else f"{host} leads to {address}, which is"
        raise _refusal(url, f"{named} not a public address ({kind})", ALLOW_PRIVATE_HINT)


def _refuse_odd_characters(url: str) -> None:
    if len(url) > _LONGEST_URL:
        raise _refusal(f"{url[:80]}…", f"it has more than {_LONGEST_URL:,} characters", "share a shorter link")
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise _refusal(url, "it holds a space, a backslash or an invisible character", "write it percent-encoded")


def _refuse_port(url: str, port: int) -> None:
    if not 0 < port <= _LAST_PORT:
        raise _refusal(url, f"port {port} does not exist", "check how it is spelled")
    if port < _FIRST_FREE_PORT and port not in DEFAULT_PORTS.values():
        raise _refusal(
            url, f"port {port} belongs to another service than the web", "use port 80, 443 or one above 1023"
        )


def _refuse_host(url: str, host: str, policy: AddressPolicy) -> None:
    if not host:
        raise _refusal(url, "it names no host", "write it as https://host/path")
    if "%" in host:
        raise _refusal(url, f"its host {host!r} has a zone id or an encoded character", "write the plain host name")
    if host.endswith("."):
        raise _refusal(url, f"its host {host!r} ends in a dot", "remove the dot")
    if (address := parse_address(host)) is not None:
        refuse_address(url, host, address, policy)
        return
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise _refusal(url, f"its host {host!r} is an address in disguise", "write it as four decimal numbers")
    if not _NAME.fullmatch(host):
        raise _refusal(url, f"its host {host!r} is not a valid name", "check how it is spelled")
    if _leads_inside(host) and not _allows_inside(policy):
        raise _refusal(url, f"the name {host!r} is not a public one", ALLOW_PRIVATE_HINT)


def _leads_inside(host: str) -> bool:
    return "." not in host or any(host == name or host.endswith(f".{name}") for name in _INSIDE)


def _allows_inside(policy: AddressPolicy) -> bool:
    address = parse_address("10.0.0.1")
    return address is not None and not policy.why_refused(address)


def _refusal(url: str, rule: str, advice: str) -> FetchRefusedError:
    return FetchRefusedError(f"{url!r} will not be fetched: {rule}; {advice}")
