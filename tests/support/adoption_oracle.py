"""The releases a customer may have been on, worked out slowly and plainly: dictionaries, one item at a time.

It shares the settings of the model of adoption with `feedback_triage.link`, and no code.
"""

import math
from collections.abc import Sequence

from feedback_triage.link import adoption, pooling, usage
from tests.support.link_oracle import PlainItem, PlainRelease, is_for

MINUTE = 60.0
DAY = 86_400.0
Key = str | None
"""A release by its id, None for "before any release"."""


class PlainStory:
    """One story of adoption: how many customers are on which release, by what was declared and by the story alone."""

    def __init__(self, half_life: float, jump: float, rate: float) -> None:
        self.half_life, self.jump, self.rate = half_life, jump, rate
        self.seen: dict[Key, float] = {None: 0.0}
        self.presumed: dict[Key, float] = {None: 1.0}

    def wait(self, days: float, market: "Market") -> None:
        for key in self.seen:
            self.seen[key] *= 0.5 ** (days / self.half_life)
        slowest = adoption._SLOWEST_PRIOR_RATE
        for mass, rate in ((self.seen, self.rate), (self.presumed, max(self.rate, slowest))):
            claimed: list[Key] = []
            for key, share in market.standing_newest_first():
                claimed.append(key)
                self.pull(mass, key, 1 - math.exp(-rate * days), share, 0.0, claimed, market)
                if share >= 1:
                    break

    def open_up(self, key: Key, before: float, market: "Market") -> None:
        for mass in (self.seen, self.presumed):
            claimed: list[Key] = []
            for other, share in market.standing_newest_first():
                claimed.append(other)
                if other == key:
                    self.pull(mass, key, self.jump, share, before, claimed, market)
                    break
                if share >= 1:
                    break

    def pull(
        self,
        mass: dict[Key, float],
        key: Key,
        part: float,
        share: float,
        before: float,
        claimed: list[Key],
        market: "Market",
    ) -> None:
        """Draw a part of the customers who may come to a release and have not."""
        others = [other for other in mass if other not in claimed and other in market.ever_out]
        n_others = sum(mass[other] for other in others)
        n_here = mass.get(key, 0.0)
        room = share * (n_here + n_others) - max(n_here, before * (n_here + n_others))
        moved = part * min(max(room, 0.0), n_others)
        if n_others > 0:
            for other in others:
                mass[other] *= (n_others - moved) / n_others
            mass[key] = n_here + moved

    def take_back(self, key: Key, market: "Market") -> None:
        for mass in (self.seen, self.presumed):
            moved = mass.get(key, 0.0) * self.jump
            mass[key] = mass.get(key, 0.0) - moved
            for other, share in market.standing_newest_first():
                mass[other] = mass.get(other, 0.0) + moved * share
                moved *= 1 - share

    def foretold(self) -> dict[Key, float]:
        total = sum(self.seen.values()) + sum(self.presumed.values())
        return {
            key: (self.seen.get(key, 0.0) + self.presumed.get(key, 0.0)) / total
            for key in {**self.seen, **self.presumed}
        }


class Market:
    """Which releases there are, and what share of customers can have each."""

    def __init__(self) -> None:
        self.order: list[Key] = [None]
        self.share: dict[Key, float] = {None: 1.0}
        self.most: dict[Key, float] = {None: 1.0}

    @property
    def ever_out(self) -> set[Key]:
        return {key for key, most in self.most.items() if most > 0}

    def standing_newest_first(self) -> list[tuple[Key, float]]:
        return [(key, self.share[key]) for key in reversed(self.order) if self.share.get(key, 0.0) > 0]


class PlainModel:
    """All stories, the background, and how they are weighed."""

    def __init__(self, order: list[Key]) -> None:
        self.market = Market()
        self.market.order = [None, *order]
        self.stories = [
            PlainStory(life, jump, rate) for life in adoption.HALF_LIVES_DAYS for jump, rate in adoption.ADOPTION
        ]
        n = len(self.stories)
        self.background: dict[Key, float] = {}
        self.right = [[0.0] * n for _ in pooling._BACKGROUND_SHARES]
        self.blends = [[1 / (n + 1)] * (n + 1) for _ in pooling._PACES]
        self.readings = [0.0] * (len(self.right) + len(self.blends))
        self.now: float | None = None

    def wait_until(self, now: float) -> None:
        days = 0.0 if self.now is None else (now - self.now) / DAY
        if days > 0:
            for key in self.background:
                self.background[key] *= 0.5 ** (days / adoption._BACKGROUND_HALF_LIFE_DAYS)
            for story in self.stories:
                story.wait(days, self.market)
        self.now = now if self.now is None else max(self.now, now)

    def happen(self, at: float, key: Key, share: float) -> None:
        self.wait_until(at)
        before = self.market.share.get(key, 0.0)
        self.market.share[key] = share
        self.market.most[key] = max(self.market.most.get(key, 0.0), share)
        for story in self.stories:
            if share > before:
                story.open_up(key, before, self.market)
            elif share == 0:
                story.take_back(key, self.market)

    def told(self) -> list[dict[Key, float]]:
        """What every story foretells, the background last."""
        out = [key for key in reversed(self.market.order) if key in self.market.ever_out]
        fading = {key: self.market.most[key] * adoption._BACKGROUND_FADING**back for back, key in enumerate(out)}
        prior = adoption._BACKGROUND_PRIOR / sum(fading.values())
        weights = dict(self.background)
        for key in out:
            weights[key] = weights.get(key, 0.0) + prior * fading[key]
        total = sum(weights.values())
        return [*(story.foretold() for story in self.stories), {key: w / total for key, w in weights.items()}]

    def read(self, told: list[dict[Key, float]]) -> list[dict[Key, float]]:
        """What every reading foretells."""
        found = []
        for share, scores in zip(pooling._BACKGROUND_SHARES, self.right, strict=True):
            found.append(blended([*((1 - share) * weight for weight in weights_of(scores)), share], told))
        return [*found, *(blended(blend, told) for blend in self.blends)]

    def shares(self) -> dict[Key, float]:
        return blended(weights_of(self.readings), self.read(self.told()))

    def learn(self, declared_now: list[str]) -> None:
        told = self.told()
        read = self.read(told)
        n = len(declared_now)
        for k, reading in enumerate(read):
            score = sum(math.log(max(reading.get(key, 0.0), pooling._LEAST)) for key in declared_now)
            self.readings[k] = pooling._POOL_MEMORY**n * self.readings[k] + score
        for share, scores in zip(pooling._BACKGROUND_SHARES, self.right, strict=True):
            for i, story in enumerate(told[:-1]):
                given = [(1 - share) * story.get(key, 0.0) + share * told[-1].get(key, 0.0) for key in declared_now]
                score = sum(math.log(max(p, pooling._LEAST_STORY)) for p in given)
                scores[i] = pooling._MEMORY**n * scores[i] + score
        for k, pace in enumerate(pooling._PACES):
            step = 1 - (1 - pace) ** n
            reading = read[len(self.right) + k]
            moved = []
            for weight, story in zip(self.blends[k], told, strict=True):
                ratios = [story.get(key, 0.0) / max(reading.get(key, 0.0), pooling._LEAST) for key in declared_now]
                moved.append(weight * (1 - step + step * sum(ratios) / n))
            restored = pooling._RESTORED_SHARE * step
            self.blends[k] = [(1 - restored) * w / sum(moved) + restored / len(moved) for w in moved]
        for key in declared_now:
            self.background[key] = self.background.get(key, 0.0) + 1
            for story in self.stories:
                story.seen[key] = story.seen.get(key, 0.0) + 1


def blended(weights: Sequence[float], told: Sequence[dict[Key, float]]) -> dict[Key, float]:
    keys = {key for each in told for key in each}
    return {key: sum(w * each.get(key, 0.0) for w, each in zip(weights, told, strict=True)) for key in keys}


def weights_of(scores: Sequence[float]) -> list[float]:
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def happenings(release: PlainRelease) -> list[tuple[float, float]]:
    """(instant, share of customers that can have it from then on)."""
    found = [(release.released, release.share_at(release.released))]
    found += [(at, release.share_at(at)) for at, _ in release.steps if at > release.released]
    found = sorted(set(found))
    found = [(at, share) for at, share in found if at < release.withdrawn]
    if release.withdrawn < math.inf:
        found.append((max(release.released, release.withdrawn), 0.0))
    return found


def in_use(
    item: PlainItem, says: str | None, others: Sequence[tuple[PlainItem, str]], releases: Sequence[PlainRelease]
) -> dict[Key, float]:
    """The releases one customer may have been on.

    Args:
        item: of the customer.
        says: the release that it declares, None for none.
        others: items that declare a release, with it.
        releases: all of them.
    """
    own = sorted((release for release in releases if is_for(release, item)), key=lambda release: release.rank)
    if says or not own:
        return {says: 1.0}
    events = [(at, i, release.release_id, share) for i, release in enumerate(own) for at, share in happenings(release)]
    events.sort()

    def step(now: float) -> float:
        return max([now // (10 * MINUTE) * 10 * MINUTE, *(at for at, *_ in events if at <= now)])

    ids = {release.release_id for release in own}
    heard: dict[float, list[str]] = {}
    for other, release_id in others:
        speaks_of_it = PlainRelease("", "", 0.0, other.product, other.platform)
        if release_id in ids and is_for(speaks_of_it, item) and step(other.written) < step(item.written):
            heard.setdefault(step(other.written), []).append(release_id)
    model = PlainModel([release.release_id for release in own])
    todo = list(events)
    for now in [*sorted(heard), step(item.written)]:
        while todo and todo[0][0] <= now:
            at, _, key, share = todo.pop(0)
            model.happen(at, key, share)
        model.wait_until(now)
        if now in heard and now < step(item.written):
            model.learn(heard[now])
    shares = model.shares()
    least = min(usage._LEAST_SHARE, max(shares.values()))
    kept = sorted(shares, key=lambda key: -shares[key])[: usage._MOST_RELEASES]
    kept = [key for key in kept if shares[key] >= least]
    return {key: shares[key] / sum(shares[other] for other in kept) for key in kept}
