"""The network a request came from: /24 (IPv4) or /64 (IPv6) of the address that the gateway saw.

Who has one address of such a network usually has them all, and a school's pupils share one: limits by network
are wide, and a login that succeeds does not count.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
"""Whoever comes without the gateway's word is counted with all others who do."""


def network_of(address: str) -> str:
    """`UNKNOWN` for what is no address."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))
