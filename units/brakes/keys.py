"""What is counted together, and whom a request comes from: the one answer for every brake."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


@dataclass(frozen=True)
class Key:
    """`what` names it and is kept as a keyed hash only; `free` go through unbraked."""

    what: tuple[str, ...]
    free: int

    @property
    def hash(self) -> str:
        return salted_hmac("units.brakes", "\x1f".join(self.what), algorithm="sha256").hexdigest()


def address_of(request: HttpRequest) -> str:
    """The caller's network: an IPv4 address, or the /64 that one IPv6 household has.

    X-Forwarded-For counts only as far as our own proxies wrote it (`PROXY_HOPS`).
    """
    address = request.META.get("REMOTE_ADDR") or ""
    if settings.PROXY_HOPS:
        told = request.headers.get("X-Forwarded-For", "").split(",")
        if len(told) >= settings.PROXY_HOPS and told[-settings.PROXY_HOPS].strip():
            address = told[-settings.PROXY_HOPS].strip()
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
