"""A URL taken apart as a browser does it, so that what is checked is what is requested."""

import re
import socket
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, quote, urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# IDNA 2003 would turn these into other names; browsers keep them (UTS #46, non-transitional processing).
_KEPT_LETTERS = frozenset("ßς\u200c\u200d")
_LABEL_ENDS = re.compile("[.\u3002\uff0e\uff61]")  # IDNA takes these for a dot
_SAFE = "%/:=&~+!$,;'@()*[]-._"
_MAX_LENGTH = 2_048


class UnusableUrlError(ValueError):
    """A URL that is not requested. The message never holds it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    Attributes:
        scheme: `http` or `https`.
        host: lower-case ASCII name (punycode), or an address without brackets.
        port: 1..65535.
        path: percent-encoded, starts with "/", with the query; never a fragment.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "Target":
        """Take a URL apart.

        Raises:
            UnusableUrlError: another scheme, credentials, no valid host or port, or too long.
        """
        parts = _split(url)
        try:
            default = _DEFAULT_PORTS[parts.scheme]
            port = default if parts.port is None else parts.port
            target = cls(parts.scheme, _ascii_host(parts), port, _path(parts))
        except ValueError:  # of the port, of an encoding: it may quote the URL
            raise UnusableUrlError("it is not a valid URL") from None
        if len(target.url) > _MAX_LENGTH:
            raise UnusableUrlError("it is too long")
        return target

    def follow(self, location: str) -> "Target":
        """Where a redirect from here leads.

        Args:
            location: value of the header `Location`, decoded as Latin-1.

        Raises:
            UnusableUrlError: as for `of`.
        """
        try:
            joined = urljoin(self.url, _as_utf8(location.strip()))
        except ValueError:
            raise UnusableUrlError("the redirect is not a valid URL") from None
        return Target.of(joined)

    @property
    def netloc(self) -> str:
        """Host and port as the header `Host` wants them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL, the same for every way of writing it that browsers take for the same."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    @property
    def is_address(self) -> bool:
        """Whether the host is an address instead of a name."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UnusableUrlError("it is not a valid URL") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise UnusableUrlError("the scheme is not http or https")
    if "@" in parts.netloc:
        raise UnusableUrlError("it holds credentials")
    return parts


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        if "%" in host:
            raise UnusableUrlError("the address names an interface of one machine")
        return IPv6Address(host).compressed
    labels = _LABEL_ENDS.split(_LABEL_ENDS.sub(".", host).removesuffix("."))
    name = ".".join(_ascii_label(label) for label in labels)
    if not _HOST.fullmatch(name):
        raise UnusableUrlError("the host is not valid")
    if _ENDS_IN_A_NUMBER.fullmatch(name):
        # 2130706433, 0x7f.1 and 127.1 are ways to write 127.0.0.1; a name never ends in a number.
        try:
            return socket.inet_ntoa(socket.inet_aton(name))
        except OSError:
            raise UnusableUrlError("the host is not valid") from None
    return name


def _ascii_label(label: str) -> str:
    if _KEPT_LETTERS.isdisjoint(label):
        return label.encode("idna").decode("ascii").lower()
    return "xn--" + unicodedata.normalize("NFKC", label).encode("punycode").decode("ascii")


def _path(parts: SplitResult) -> str:
    path = quote(parts.path, safe=_SAFE) or "/"
    if not path.startswith("/"):
        path = f"/{path}"
    return f"{path}?{quote(parts.query, safe=_SAFE + '?')}" if parts.query else path


def _as_utf8(header: str) -> str:
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header
