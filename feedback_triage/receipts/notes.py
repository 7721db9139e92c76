"""Which themes a release says that it fixes. A wrong receipt is worse than none, so little is taken for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from feedback_triage import subject
from feedback_triage.link.frames import ReleaseTable, fits, folded, strings
from feedback_triage.silence.stream import MICROS_PER_HOUR, count_between, expect, has_history, hours_of, to_hours
from feedback_triage.taxonomy import PRAISE, SILENCE

SAME_SUBJECT = 0.60
"""Cosine of a theme's centre with a sentence of the notes from which the theme may be what it fixes.

Measured with all-MiniLM-L6-v2 on 30 texts of each intent of the Banking77 training file and 37 sentences written for
it, 12 of them about nothing there. Of the themes nearest to a sentence and this near, 9 in 10 were right where themes
were the true intents, and 3 in 4 where they were groups that the machine found (some of these hold two intents); none
was taken for a sentence about nothing there, and two in three of the others found their theme. At .70 it is 4 in 5,
and one in three.
"""

ABOUT_IT = 0.2
"""Share of the theme's reports that must be about the sentence, by `subject.mentions`; sentences about nothing there
reached .10 on the same texts."""

LATELY_HOURS = 4 * 168.0
"""The reports that count are those of this time before the release."""

MIN_REPORTS = 5
MOST_PRAISE = 0.5

_COLUMNS = ["theme_id", "release_id", "settled_by"]
Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class NotedFixes:
    """What release notes say they fix.

    Attributes:
        fixes: columns `theme_id`, `release_id`, `settled_by` (""), sorted by release and theme, each pair once.
        about: columns `theme_id`, `release_id`, `item_id`: items of these themes that are about what the notes say,
            at any time; a theme may hold other talk. None of a hotfix that was found by what it mended.
    """

    fixes: pd.DataFrame
    about: pd.DataFrame


def fixes_by_notes(
    items: pd.DataFrame,
    vectors: Vectors,
    releases: pd.DataFrame,
    fix_vectors: Vectors,
    fix_release_ids: Sequence[str],
    fix_texts: Sequence[str],
    *,
    as_of: datetime,
) -> NotedFixes:
    """Find the theme that each sentence of release notes about a fix is about.

    It is the theme whose reports of the four weeks before the release lie nearest to the sentence: as near as
    `SAME_SUBJECT`, at least five of them and a fifth about it one by one, and no more praise than complaint. A hotfix
    fixes, besides, what rose since the release before it beyond what could be expected, the theme that rose most.

    Args:
        items: columns `item_id`, `written_at`, `theme_id` (None for none), `text`, `label`, and optionally `product`,
            `platform`.
        vectors: their unit vectors, shape (n_items, dim).
        releases: columns `release_id`, `version`, `released_at`, and optionally `product`, `platform`, `is_hotfix`.
        fix_vectors: unit vectors of the sentences, shape (n_sentences, dim).
        fix_release_ids: the release of each, length n_sentences.
        fix_texts: the sentences.
        as_of: now; nothing later is used.

    Returns:
        The fixes, and which items they are about.
    """
    now = to_hours(as_of)
    known = hours_of(items["written_at"]) <= now
    items, vectors = items[known].reset_index(drop=True), vectors[known]
    releases = releases[hours_of(releases["released_at"]) <= now].reset_index(drop=True)
    talk = _Talk(items, vectors, ReleaseTable.from_frame(releases))
    place = {release_id: i for i, release_id in enumerate(talk.table.ids)}
    found: dict[tuple[str, str], set[int]] = {}
    sentences = [i for i, release_id in enumerate(fix_release_ids) if release_id in place]
    if sentences and len(items):
        about = subject.mentions(
            vectors,
            fix_vectors[sentences],
            [f"{i:06d}" for i in sentences],
            item_texts=list(items["text"]),
            note_texts=[fix_texts[i] for i in sentences],
        )
        rows_about = {int(str(number)): set(rows) for number, rows in about.groupby("release_id")["item_position"]}
        for i in sentences:
            theme = talk.nearest(fix_vectors[i], place[fix_release_ids[i]], rows_about.get(i, set()))
            if theme:
                found.setdefault((str(fix_release_ids[i]), theme), set()).update(rows_about.get(i, set()))
    for release_id in sorted(strings(releases, "release_id")[_hotfixes(releases)]):
        theme = talk.risen(place[release_id]) if release_id in place else ""
        if theme:
            found[str(release_id), theme] = set()
    item_ids, themes = strings(items, "item_id"), strings(items, "theme_id")
    rows_of_fixes = [
        (theme, release_id, str(item_ids[row]))
        for (release_id, theme), rows in sorted(found.items())
        for row in rows
        if themes[row] == theme
    ]
    return NotedFixes(
        pd.DataFrame([(theme, release_id, "") for release_id, theme in sorted(found)], columns=_COLUMNS),
        pd.DataFrame(sorted(rows_of_fixes), columns=["theme_id", "release_id", "item_id"]),
    )


def _hotfixes(releases: pd.DataFrame) -> npt.NDArray[np.bool_]:
    if "is_hotfix" not in releases:
        return np.zeros(len(releases), dtype=np.bool_)
    return releases["is_hotfix"].eq(True).to_numpy(dtype=np.bool_)


class _Talk:
    """What was said in each theme, to be asked about releases."""

    def __init__(self, items: pd.DataFrame, vectors: Vectors, table: ReleaseTable) -> None:
        self.table = table
        self._vectors = vectors
        self._hours = hours_of(items["written_at"])
        self._products, self._platforms = folded(items, "product"), folded(items, "platform")
        labels = strings(items, "label")
        self._is_praise, self._is_report = labels == PRAISE, ~np.isin(labels, [PRAISE, SILENCE])
        themes = pd.Series(np.arange(len(items))).groupby(strings(items, "theme_id"), sort=True)
        self._rows = {str(theme): rows.to_numpy(dtype=np.intp) for theme, rows in themes if theme}

    def nearest(self, sentence: Vectors, position: int, about: set[int]) -> str:
        """Name the theme that a sentence of this release is about, "" for none."""
        end = float(self.table.released[position]) / MICROS_PER_HOUR
        best, best_cosine = "", SAME_SUBJECT
        for theme in self._rows:
            rows, n_praise = self._before(theme, position, end - LATELY_HOURS, end)
            if len(rows) < MIN_REPORTS or n_praise > MOST_PRAISE * (n_praise + len(rows)):
                continue
            cosine = _cosine(self._vectors[rows], sentence)
            n_about = sum(int(row) in about for row in rows)
            if cosine > best_cosine and n_about >= max(MIN_REPORTS, ABOUT_IT * len(rows)):
                best, best_cosine = theme, cosine
        return best

    def risen(self, position: int) -> str:
        """Name the theme that rose most between the release before a hotfix and the hotfix, "" for none."""
        table = self.table
        end = float(table.released[position]) / MICROS_PER_HOUR
        own = table.applicable(str(table.products[position]), str(table.platforms[position]))
        earlier = own[table.released[own] < table.released[position]]
        if not len(earlier):
            return ""
        start = float(table.released[earlier[-1]]) / MICROS_PER_HOUR
        best, most = "", 0.0
        for theme in self._rows:
            rows, _ = self._before(theme, position, -np.inf, end)
            times = np.sort(self._hours[rows])
            n = count_between(times, start, end)
            if n < MIN_REPORTS:
                continue
            expected, upper = 0.0, 0.0
            if has_history(times, start, end - start):
                usual = expect(times, start, end, start)
                expected, upper = usual.usual, usual.quantile(0.975)
            if n > upper and n - expected > most:
                best, most = theme, n - expected
        return best

    def _before(self, theme: str, position: int, start: float, end: float) -> tuple[npt.NDArray[np.intp], int]:
        """Rows of the reports of a theme in `[start, end)` by customers of a release, and how many items praise."""
        rows, table = self._rows[theme], self.table
        inside = (self._hours[rows] >= start) & (self._hours[rows] < end)
        inside &= fits(self._products[rows], str(table.products[position]))
        inside &= fits(self._platforms[rows], str(table.platforms[position]))
        rows = rows[inside]
        return rows[self._is_report[rows]], int(self._is_praise[rows].sum())


def _cosine(vectors: Vectors, sentence: Vectors) -> float:
    # In whole numbers, so that neither the order of the rows nor the number of threads changes it.
    centre = np.rint(vectors * 4000.0).astype(np.int64).sum(axis=0)
    length = float(np.sqrt(float((centre * centre).sum()))) or 1.0
    return round(float((centre * np.rint(sentence * 4000.0).astype(np.int64)).sum()) / 4000.0 / length, 6)
