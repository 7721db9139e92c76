"""Which addresses and host names lie on the public Internet."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# The registries of special-purpose addresses (RFC 6890, as IANA keeps them), written out because what the standard
# library's `is_global` says differs between releases of Python.
_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # what a large cloud's machines ask about themselves
        "169.254.0.0/16",  # link-local, and what other clouds' machines ask about themselves
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")  # the only global unicast space that is given out (RFC 4291)
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocols
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
)
_CARRIES_4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))  # IPv4-mapped, NAT64 (RFC 6052)

_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".intranet", ".lan", ".corp", ".home", ".home.arpa", ".onion")


def is_public(address: str) -> bool:
    """Whether an address belongs to the public Internet.

    Args:
        address: IPv4 or IPv6, as `socket.getaddrinfo` writes it.

    Returns:
        False for private, loopback, link-local, multicast, reserved, unspecified and documentation addresses, for
        carrier-grade NAT, for tunnels, for IPv6 forms (mapped, NAT64) of any of these, and for what is no address.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return _is_public_6(found)
    return not any(found in network for network in _NOT_PUBLIC_4)


def _is_public_6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if any(address in network for network in _CARRIES_4):
        return is_public(str(IPv4Address(int(address) & 0xFFFF_FFFF)))
    return address in _PUBLIC_6 and not any(address in network for network in _NOT_PUBLIC_6)


def is_private_name(host: str) -> bool:
    """Whether a host name means something only within a network: one label, or an ending kept for such names."""
    return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
