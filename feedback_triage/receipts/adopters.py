"""Who has a fix: the share of customers who could have it, from roll-outs and the versions that customers declare."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage.link import declared, in_use
from feedback_triage.link.frames import ReleaseTable, fits, folded, strings
from feedback_triage.receipts.outlook import Floats
from feedback_triage.silence.stream import MICROS_PER_HOUR, hours_of, to_datetime

MIN_DECLARED = 10
"""Customers of a platform who declared a version, from which its adoption is learned from them."""


class Adopters:
    """The share of customers who have a release or a later one, over time."""

    def __init__(self, items: pd.DataFrame, releases: pd.DataFrame, needed: npt.NDArray[np.bool_]) -> None:
        """Find what customers declare.

        Args:
            items: columns `item_id`, `written_at`, and optionally `app_version`, `text`, `product`, `platform`.
            releases: as for `link.in_use`; only those that are known.
            needed: items whose text is read too; of the others only the field counts.
        """
        self.table = ReleaseTable.from_frame(releases)
        self._releases = releases
        place = {release_id: i for i, release_id in enumerate(self.table.ids)}
        self.said = np.full(len(items), -1, dtype=np.int64)
        rows = np.flatnonzero((strings(items, "app_version") != "") | needed)
        if len(rows) and ("app_version" in items or "text" in items):
            found = declared(items.iloc[rows].reset_index(drop=True), releases)
            self.said[rows] = [place.get(release_id, -1) for release_id in found]
        self._written = items["written_at"].to_numpy()
        self._hours = hours_of(items["written_at"])
        self._products = folded(items, "product")
        self._evidence: dict[tuple[str, str], npt.NDArray[np.intp]] = {}
        self._shares: dict[tuple[int, bytes], Floats] = {}

    def evidence(self, position: int) -> npt.NDArray[np.intp]:
        """Give the rows of items that declare a release of the same product and platform."""
        table = self.table
        key = (str(table.products[position]), str(table.platforms[position]))
        if key not in self._evidence:
            own = fits(table.products, key[0]) & (table.platforms == key[1])
            self._evidence[key] = np.flatnonzero((self.said >= 0) & own[self.said])
        return self._evidence[key]

    def is_learned(self, position: int, until: float) -> bool:
        """Tell whether enough customers of the release's platform had declared a version by then."""
        return int((self._hours[self.evidence(position)] < until).sum()) >= MIN_DECLARED

    def share(self, position: int, at: Floats) -> Floats:
        """Give the share of customers who have this release or a later one, 0..1.

        Args:
            position: of the release in `table`.
            at: hours since 1970, shape (n,); an answer uses only what was written before its instant.
        """
        key = position, at.tobytes()
        if key not in self._shares:  # several themes may have one fix
            self._shares[key] = self._share(position, at)
        return self._shares[key]

    def _share(self, position: int, at: Floats) -> Floats:
        table, rows = self.table, self.evidence(position)
        rows = rows[self._hours[rows] < float(at.max())]
        product, platform = table.products[position], table.platforms[position]
        seen = pd.DataFrame(
            {
                "item_id": [f"seen {i}" for i in range(len(rows))],
                "written_at": pd.to_datetime(pd.Series(self._written[rows]), utc=True).dt.as_unit("us"),
                "app_version": table.versions[self.said[rows]],
            }
        )
        asked = pd.DataFrame(
            {
                "item_id": [f"asked {i}" for i in range(len(at))],
                "written_at": pd.to_datetime([to_datetime(hour) for hour in at.tolist()], utc=True).as_unit("us"),
                "app_version": "",
            }
        )
        both = pd.concat([seen, asked], ignore_index=True).assign(product=product, platform=platform)
        answers = in_use(both, self._releases)
        answers = answers[answers["item_id"].str.startswith("asked ")]
        has_it = answers["release_id"].isin(set(table.ids[position:])) & answers["release_id"].notna()
        sums = answers["probability"].where(has_it, 0.0).groupby(answers["item_id"]).sum()
        return np.asarray(np.clip(sums.reindex(asked["item_id"]).to_numpy(dtype=np.float64), 0.0, 1.0))

    def rolled_out(self, position: int, at: Floats) -> Floats:
        """Give the share of customers who could have the release by its roll-out, 0..1."""
        steps = self.table.schedules[position]
        if not steps:
            return np.ones(len(at))
        hours = np.array([step / MICROS_PER_HOUR for step, _ in steps])
        shares = np.array([0.0, *(share for _, share in steps)])
        return np.asarray(shares[np.searchsorted(hours, at, side="right")])
