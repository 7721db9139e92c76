"""Which release did it? Faults planted in real streams, against the plain rule: the newest release at the first report.

    python benchmarks/suspects.py [--data ../shared/data] [--cases 1600] [--seed 20261123] [--development] [--write]

Prints the page in benchmarks/results/suspects.md; `--write` writes it there. `--development` takes the other half of
the texts, with which the model was built.
"""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from support.ceiling import best_answer, has_ceiling
from support.planting import CALENDARS, DELAYS, LASTING, Case, Stream, load_streams, plant, real_notes
from support.planting_days import KINDS, plant_by_day
from support.planting_texts import Texts, load_texts
from suspects_page import LEAST, page, page_by_day, page_of_more

from feedback_triage.domain import Suspect
from feedback_triage.embed import load_encoder
from feedback_triage.link import most_recent
from feedback_triage.settings import Settings
from feedback_triage.suspects import name_suspects

RESULTS = Path(__file__).resolve().parent / "results" / "suspects.md"
N_REPORTS = (3, 5, 8, 20, 50)
CALENDAR_SHARES = (0.3, 0.15, 0.25, 0.1, 0.1, 0.1)
SET_LEVEL = 0.9

DAYS_SEED, LASTING_SEED, TERSE_SEED = 1, 2, 3
MORE_SHARE = 0.25
LASTING_REPORTS = (20, 50, 100)


def newest_at_first(case: Case) -> str | None:
    out = case.releases[case.releases["released_at"] <= case.reports["written_at"].min()]
    return str(out.sort_values("released_at")["release_id"].iloc[-1]) if len(out) else None


def usual_newest(case: Case) -> str | None:
    counts = most_recent(case.reports, case.releases).dropna().value_counts()
    return str(min(counts[counts == counts.max()].index)) if len(counts) else None


def scored(case: Case, suspects: list[Suspect], lot: float) -> dict[str, object]:
    """Score one answer."""
    by_id = {each.release_id: each.probability for each in suspects}
    right = by_id.get(case.culprit, 0.0)
    reached = np.cumsum([each.probability for each in suspects])
    size = int(np.searchsorted(reached, SET_LEVEL - 1e-9)) + 1
    within = [each.release_id for each in suspects[:size]]
    last = suspects[size - 1].probability
    excess = (reached[size - 1] - SET_LEVEL) / last
    missed = 1.0 if case.culprit not in by_id else 0.0
    return {
        "top": suspects[0].release_id == case.culprit,
        "top_release": next((each.release_id for each in suspects if each.release_id), None) == case.culprit,
        "newest": newest_at_first(case) == case.culprit,
        "usual": usual_newest(case) == case.culprit,
        "in_set": case.culprit in within,
        "by_lot": case.culprit in (within[:-1] if lot < excess else within),
        "size": size,
        "brier": sum((p - (k == case.culprit)) ** 2 for k, p in by_id.items()) + missed,
        "log_loss": -np.log(max(right, LEAST)),
        "confidence": suspects[0].probability,
        "says_none": suspects[0].release_id is None,
        "none": by_id[None],
    }


def cases(streams: dict[str, Stream], texts: Texts, n: int, seed: object, *, development: bool) -> Iterable[Case]:
    rng = np.random.default_rng(seed)
    for _ in range(n):
        delay = DELAYS[rng.integers(2 if development else len(DELAYS))]
        calendar = CALENDARS[rng.choice(len(CALENDARS), p=CALENDAR_SHARES)]
        yield plant(rng, streams, texts, calendar, delay, N_REPORTS[rng.integers(len(N_REPORTS))])


def cases_by_day(streams: dict[str, Stream], texts: Texts, n: int, seed: int) -> Iterable[Case]:
    """Plant faults in streams with dates only, and great bursts."""
    rng = np.random.default_rng((seed, DAYS_SEED))
    for number in range(n):
        yield plant_by_day(rng, streams, texts, KINDS[number % len(KINDS)])


def cases_that_last(streams: dict[str, Stream], texts: Texts, n: int, seed: int) -> Iterable[Case]:
    """Plant faults that are met for weeks, in made calendars."""
    rng = np.random.default_rng((seed, LASTING_SEED))
    for _ in range(n):
        calendar = CALENDARS[rng.integers(3)]
        yield plant(rng, streams, texts, calendar, LASTING, LASTING_REPORTS[rng.integers(len(LASTING_REPORTS))])


def without_shared_words(case: Case) -> list[Suspect]:
    similarity = case.similarity.drop(columns="shared")
    return name_suspects(case.reports, case.releases, similarity=similarity, background=case.background)


def measure_more(planted: Iterable[Case]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for case in planted:
        answer = name_suspects(case.reports, case.releases, similarity=case.similarity, background=case.background)
        by = "no release" if case.culprit is None else "named" if case.is_named else "not named"
        rows.append({"by": by, "calendar": case.calendar, **scored(case, answer, rng.random())})
    return pd.DataFrame(rows)


def measure_by_day(planted: Iterable[Case]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = []
    for case in planted:
        answer = name_suspects(case.reports, case.releases, similarity=case.similarity, background=case.background)
        by = "no release" if case.culprit is None else "a release"
        rows.append({"kind": case.calendar, "by": by, **scored(case, answer, rng.random())})
    return pd.DataFrame(rows)


def measure(planted: Iterable[Case], streams: dict[str, Stream]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score all cases, and again without one part of what is known."""
    rows, parts = [], []
    rng = np.random.default_rng(0)
    for number, case in enumerate(planted):
        lot = rng.random()
        about = {
            "calendar": case.calendar,
            "delay": case.delay,
            "reports": case.n_reports,
            "strays": case.strays,
            "by": "no release" if case.culprit is None else "named" if case.is_named else "not named",
        }
        told = {"similarity": case.similarity, "background": case.background}
        answer = name_suspects(case.reports, case.releases, **told)
        is_asked = case.calendar == "five a day" and has_ceiling(case)
        best = best_answer(case, streams[case.stream]) == case.culprit if is_asked else np.nan
        rows.append({**about, "best": best, **scored(case, answer, lot)})
        if number % 2 == 0:
            bare = case.reports[["item_id", "written_at"]]
            for name, without in (
                ("everything", answer),
                ("without shared words", without_shared_words(case)),
                ("without notes", name_suspects(case.reports, case.releases, background=case.background)),
                ("without background", name_suspects(case.reports, case.releases, similarity=case.similarity)),
                ("instants alone", name_suspects(bare, case.releases)),
            ):
                parts.append({"known": name, **about, **scored(case, without, lot)})
    return pd.DataFrame(rows), pd.DataFrame(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cases", type=int, default=1_600)
    parser.add_argument("--seed", type=int, default=20_261_123)
    parser.add_argument("--development", action="store_true", help="the texts and delays the model was built with")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.relative_to(RESULTS.parents[2])}")
    options = parser.parse_args()
    streams = load_streams(options.data)
    encoder = load_encoder(Settings.from_environ(os.environ).models_dir)
    half = slice(0 if options.development else 1, None, 2)
    texts = load_texts(encoder, real_notes(streams), half)
    is_built_with = options.development
    planted = cases(streams, texts, options.cases, options.seed, development=is_built_with)
    found = page(*measure(planted, streams), options.seed)
    n_more = int(MORE_SHARE * options.cases)
    found += page_of_more("lasting", measure_more(cases_that_last(streams, texts, n_more, options.seed)))
    terse = load_texts(encoder, real_notes(streams), half, terse=True)
    planted = cases(streams, terse, n_more, (options.seed, TERSE_SEED), development=is_built_with)
    found += page_of_more("terse", measure_more(planted))
    found += page_by_day(measure_by_day(cases_by_day(streams, texts, n_more, options.seed)))
    print(found, end="")
    if options.write:
        RESULTS.write_text(found, "utf-8")


if __name__ == "__main__":
    main()
