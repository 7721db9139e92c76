"""Links worked out slowly and plainly, for comparing: loops over lists and dictionaries, one item at a time.

Nothing here shares code with `feedback_triage.link` but the order of versions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_triage.versions import version_key


@dataclass(frozen=True)
class PlainRelease:
    """A release; instants in seconds, `steps` are (instant, share), `withdrawn` infinite where it stands."""

    release_id: str
    version: str
    released: float
    product: str = ""
    platform: str = ""
    steps: tuple[tuple[float, float], ...] = ()
    withdrawn: float = math.inf

    @property
    def rank(self) -> tuple[float, object, str]:
        return self.released, version_key(self.version), self.release_id

    def share_at(self, now: float) -> float:
        """The share of customers that can have it, before any roll-back."""
        if now < self.released:
            return 0.0
        return max([share for at, share in self.steps if at <= now], default=0.0) if self.steps else 1.0


@dataclass(frozen=True)
class PlainItem:
    """An item; `declared` is the release it declares, for `in_use`."""

    item_id: str
    written: float
    product: str = ""
    platform: str = ""
    app_version: str = ""
    text: str = ""


def is_for(release: PlainRelease, item: PlainItem) -> bool:
    same_product = {item.product.strip().lower(), release.product.strip().lower()} - {""}
    same_platform = {item.platform.strip().lower(), release.platform.strip().lower()} - {""}
    return len(same_product) < 2 and len(same_platform) < 2


def most_recent(item: PlainItem, releases: Sequence[PlainRelease]) -> str | None:
    """Read every release, as one would by hand."""
    best = None
    for release in releases:
        stands = release.released <= item.written < release.withdrawn
        if stands and is_for(release, item) and (best is None or release.rank > best.rank):
            best = release
    return best.release_id if best else None


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version: "v3.02.0" is (3, 2)."""
    found = [int(part) for part in version.lower().removeprefix("v").split(".")]
    while len(found) > 1 and found[-1] == 0:
        found.pop()
    return tuple(found)


def taken_apart(spelling: str) -> tuple[tuple[int, ...] | None, int | None]:
    """The version and the build in "3.2.1", "3.2.1+7", "3.2.1 (build 7)", "build 7"; None for what is not there."""
    plain = spelling.replace("(build ", "+").replace(")", "").replace(" ", "")
    if plain.startswith("build"):
        return None, int(plain.removeprefix("build"))
    version, _, build = plain.partition("+")
    return numbers(version), int(build) if build else None


def named(spelling: str, item: PlainItem, releases: Sequence[PlainRelease]) -> PlainRelease | None:
    """The release that a spelling names for this customer."""
    own = sorted((release for release in releases if is_for(release, item)), key=lambda release: release.rank)
    version, build = taken_apart(spelling)
    for is_out in (True, False):
        known = [release for release in own if (release.released <= item.written) == is_out]
        if version is None:
            fitting = [release for release in known if taken_apart(release.version)[1] == build]
            if fitting:
                return fitting[0] if len(fitting) == 1 else None
            continue
        same_version = [release for release in known if taken_apart(release.version)[0] == version]
        same_spelling = [release for release in same_version if release.version.lower() == spelling.lower()]
        same_build = [release for release in same_version if build and taken_apart(release.version)[1] == build]
        fitting = same_spelling or same_build or same_version
        if fitting:
            return fitting[-1] if is_out else fitting[0]
    return None


def declared(item: PlainItem, spellings: Sequence[str], releases: Sequence[PlainRelease]) -> str | None:
    """The release an item declares, when its text is known to name `spellings`."""
    by_field = named(item.app_version, item, releases) if item.app_version else None
    if by_field:
        return by_field.release_id
    found = [release for spelling in spellings if (release := named(spelling, item, releases))]
    out = [release for release in found if release.released <= item.written]
    return max(out, key=lambda release: version_key(release.version)).release_id if out else None
