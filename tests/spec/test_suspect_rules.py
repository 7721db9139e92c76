"""Which release did it, or none of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from feedback_triage.domain import Suspect
from feedback_triage.suspects import name_suspects

NOON = datetime(2026, 10, 14, 12, tzinfo=UTC)  # a Wednesday


@dataclass(frozen=True)
class Said:
    """Reports by hours after noon, with what their customers tell."""

    hours: tuple[float, ...]
    platform: str = ""
    declared: str = ""


@dataclass(frozen=True)
class Out:
    """A release: its id is `platform/version`, or the version alone."""

    version: str
    hour: float
    platform: str = ""
    similarity: float | None = None
    rollout: tuple[tuple[float, float], ...] = ()
    rolled_back: float | None = None
    kind: str = ""

    @property
    def release_id(self) -> str:
        return f"{self.platform}/{self.version}" if self.platform else self.version


@dataclass(frozen=True)
class Case:
    said: tuple[Said, ...]
    out: tuple[Out, ...]
    nights: bool = False
    others: tuple[Said, ...] = ()


def at(hour: float) -> datetime:
    return NOON + timedelta(hours=hour)


def suspects(case: Case) -> list[Suspect]:
    rows = [(at(hour), said.platform, said.declared) for said in case.said for hour in said.hours]
    reports = pd.DataFrame(rows, columns=["written_at", "platform", "declared_release_id"])
    reports["item_id"] = [f"r{i}" for i in range(len(reports))]
    releases = pd.DataFrame(
        {
            "release_id": [each.release_id for each in case.out],
            "version": [each.version for each in case.out],
            "released_at": [at(each.hour) for each in case.out],
            "platform": [each.platform for each in case.out],
            "kind": [each.kind for each in case.out],
            "rollout": [tuple((at(hour), share) for hour, share in each.rollout) for each in case.out],
            "rolled_back_at": pd.to_datetime(
                [at(e.rolled_back) if e.rolled_back is not None else None for e in case.out]
            ),
        }
    )
    known = [(each.release_id, each.similarity) for each in case.out if each.similarity is not None]
    background = None
    if case.nights:
        by_day = [at(24 * day + hour) for day in range(-40, 3) for hour in np.arange(-4.0, 8.0, 0.5)]
        background = pd.DataFrame({"written_at": pd.to_datetime(by_day), "platform": ""})
    if case.others:
        told = [(at(hour), said.platform, said.declared) for said in case.others for hour in said.hours]
        background = pd.DataFrame(told, columns=["written_at", "platform", "declared_release_id"])
        background["item_id"] = [f"b{i}" for i in range(len(background))]
        background = pd.concat([background, reports])
    return name_suspects(
        reports,
        releases,
        similarity=pd.DataFrame(known, columns=["release_id", "similarity"]) if known else None,
        background=background,
    )


def probabilities(case: Case) -> dict[str | None, float]:
    return {each.release_id: each.probability for each in suspects(case)}


def reasons(case: Case) -> dict[str | None, str]:
    return {each.release_id: each.reason for each in suspects(case)}


SOON = (0.2, 0.5, 0.6, 1.1, 1.4)
AFTER_RUN = (*np.linspace(0.1, 3.2, 40).tolist(), *(3.3 + 0.12 * n + 0.02 * n**2 for n in range(14)))
"""An outage, and what customers wrote after a roll-back at 3.25 had ended it."""
DAILY = tuple(Out(f"1.{n}", -24.0 * (9 - n)) for n in range(1, 9))
FIVE = (Out("2.1", -6.0), Out("2.2", -4.0), Out("2.3", -2.2), Out("2.4", 0.0), Out("2.5", 2.0))
OTHER_NOTES = tuple(Out(f"1.{n}", -24.0 * (9 - n), similarity=0.1) for n in range(1, 9))

FIRST = {
    "five reports within two hours of a release name it": (Case((Said(SOON),), (*DAILY, Out("2.0", 0.0))), "2.0"),
    "of five releases in one day the one just before the first report is named": (Case((Said(SOON),), FIVE), "2.4"),
    "a release after the last report is not suspected": (
        Case((Said(SOON),), (Out("2.0", 0.0), Out("2.1", 1.5))),
        "2.0",
    ),
    "a release amid the reports is not named before the one that they follow": (
        Case((Said(SOON),), (*DAILY, Out("2.0", 0.0), Out("2.1", 0.55))),
        "2.0",
    ),
    "one stray report a week before does not acquit the release": (
        Case((Said((-170.0, *SOON)),), (*DAILY, Out("2.0", 0.0))),
        "2.0",
    ),
    "reports that begin days after every release name none of them": (
        Case((Said(tuple(100 + hour for hour in SOON)),), (Out("1.0", -200.0), Out("1.1", 0.0))),
        None,
    ),
    "reports at one rate for weeks name none of them": (
        Case((Said(tuple(float(hour) for hour in range(-600, 200, 20))),), (*DAILY, Out("2.0", 0.0))),
        None,
    ),
    "reports that only stop at a release do not name it": (
        Case((Said(tuple(float(hour) for hour in range(-600, 0, 15))),), (*DAILY, Out("2.0", -30.0))),
        None,
    ),
    "with two releases a few minutes apart the notes decide": (
        Case((Said(SOON),), (*OTHER_NOTES, Out("2.0", -0.3, similarity=0.5), Out("2.1", 0.0, similarity=0.1))),
        "2.0",
    ),
    "a release whose notes do not speak of it is named all the same when the reports follow it": (
        Case((Said(SOON),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.03))),
        "2.0",
    ),
    "a fix pushed amid the reports is not named for notes that say what they say": (
        Case(
            (Said((*SOON, 1.8, 2.2, 2.4, 2.9, 3.4)),),
            (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.12), Out("2.1", 2.5, similarity=0.7)),
        ),
        "2.0",
    ),
    "reports from one app do not name the other app's release": (
        Case((Said(SOON, "ios"),), (*DAILY, Out("3.1", -3.0, "ios"), Out("3.1", 0.0, "android"))),
        "ios/3.1",
    ),
    "reports from two apps and the web name what runs on the server": (
        Case(
            (Said(SOON[:2], "ios"), Said(SOON[2:4], "android"), Said(SOON[4:], "web")),
            (Out("3.1", 0.1, "ios"), Out("5.1", 0.0, "web")),
        ),
        "web/5.1",
    ),
    "customers who were still on the older version of the app acquit the newer one": (
        Case(
            (Said(SOON, "ios", "ios/3.0"),),
            (Out("3.0", -30.0, "ios"), Out("3.1", 0.0, "ios"), Out("5.1", -1.0, "web")),
        ),
        "web/5.1",
    ),
    "an app's version says nothing against a release on the server": (
        Case((Said(SOON, "ios", "ios/3.0"),), (Out("3.0", -700.0, "ios"), Out("5.1", 0.0, "web"))),
        "web/5.1",
    ),
    "when all who name a version have the new one, it is named before the server's of the same hour": (
        Case(
            (Said((2.0, 5.0, 9.0, 11.0), "ios", "ios/3.1"),),
            (Out("3.0", -700.0, "ios"), Out("3.1", 0.0, "ios"), Out("5.1", 0.5, "web")),
        ),
        "ios/3.1",
    ),
    "what was pushed in the evening did it when reports come the next morning, if nobody writes at night": (
        Case((Said((20.1, 20.3, 20.4, 20.9, 21.5)),), (*DAILY, Out("2.0", 7.5)), nights=True),
        "2.0",
    ),
    "an outage that fades within hours of a roll-back names the release that was taken back": (
        Case((Said(AFTER_RUN),), (*DAILY, Out("2.0", 0.0, rolled_back=3.25))),
        "2.0",
    ),
    "an outage of everybody names a release that one in twenty had, for the share may be wrong": (
        Case((Said(AFTER_RUN),), (*DAILY, Out("2.0", 0.0, rollout=((0.0, 0.05), (3.3, 1.0))))),
        "2.0",
    ),
    "a release that was taken back before the first report is not suspected while another one stands": (
        Case(
            (Said(tuple(6 + hour for hour in (*SOON, 3.0, 5.0, 8.0))),),
            (Out("2.0", 0.0, rolled_back=0.2), Out("1.9", 5.9)),
        ),
        "1.9",
    ),
    "one release whose platform is spelled in two ways is one suspect": (
        Case((Said(SOON, "web"),), (*DAILY, Out("2.0", 0.0, "WEB"), Out("2.0", 0.01, "web"))),
        "WEB/2.0",
    ),
    "reports begin when a roll-out reaches most customers": (
        Case(
            (Said((48.2, 48.5, 48.6, 49.1, 49.4)),),
            (Out("1.9", 40.0), Out("2.0", 0.0, rollout=((0.0, 0.01), (48.0, 1.0)))),
        ),
        "2.0",
    ),
}


MIDNIGHT = -12.0


def days(*counts: int) -> tuple[float, ...]:
    """Reports with dates only, so many on each day from 14 October on."""
    return tuple(MIDNIGHT + 24 * day for day, count in enumerate(counts) for _ in range(count))


WEEKLY = tuple(Out(f"1.{n}", MIDNIGHT - 24.0 * (31 - 7 * n)) for n in range(4))
LATE = (Said(days(0, 120, 60, 40), declared="2.0"), Said(days(0, 6, 3), declared="1.3"))
MIXED = tuple(
    Said(tuple(MIDNIGHT + 24.0 * day for day in range(-20, 5) for _ in range(n)), declared=version)
    for version, n in (("1.2", 4), ("1.3", 4))
)
UPDATED = (*MIXED, Said(tuple(MIDNIGHT + 24.0 * day for day in range(3) for _ in range(60)), declared="2.0"))
FIRST |= {
    "reports with dates only, on the day of a release with a date only, name it": (
        Case((Said(days(6, 9, 4)),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        "2.0",
    ),
    "a release with a date only may have reached customers on the next day": (
        Case((Said(days(0, 8, 9, 4)),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        "2.0",
    ),
    "a release with a time that came in the afternoon of the first day of reports with dates only is named": (
        Case((Said(days(6, 9, 4)),), (*WEEKLY, Out("2.0", MIDNIGHT + 15))),
        "2.0",
    ),
    "a release with a date only is named when reports with times begin on that afternoon": (
        Case((Said(tuple(3 + hour for hour in SOON)),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        "2.0",
    ),
    "of releases with dates the one of a day before two hundred reports is named, and not the next one": (
        Case(LATE, (*WEEKLY, Out("2.0", MIDNIGHT), Out("2.1", MIDNIGHT + 96))),
        "2.0",
    ),
    "two hundred reports with dates only that peak on the second day name the release of the first": (
        Case((Said(days(44, 145, 52, 32)),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        "2.0",
    ),
    "reports with dates only that begin twelve days after every release name none of them": (
        Case((Said(tuple(288 + hour for hour in days(40, 90, 20, 5))),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        None,
    ),
}


@pytest.mark.parametrize(("case", "culprit"), FIRST.values(), ids=FIRST.keys())
def test_which_release_is_suspected_first(case: Case, culprit: str | None) -> None:
    found = probabilities(case)
    assert next(iter(found)) == culprit
    assert sum(found.values()) == pytest.approx(1.0)


MORE = {
    "eight reports make it surer than two": (
        Case((Said((0.5, 0.7, 0.8, 1.0, 1.1, 1.3, 1.4, 1.6)),), (*FIVE[:-1], Out("2.0", 0.3))),
        Case((Said((0.5, 0.7)),), (*FIVE[:-1], Out("2.0", 0.3))),
    ),
    "a release that still stands is suspected more than one that was rolled back before the first report": (
        Case((Said(tuple(10 + hour for hour in SOON)),), (Out("2.0", 9.0), Out("1.9", 7.0))),
        Case((Said(tuple(10 + hour for hour in SOON)),), (Out("2.0", 9.0, rolled_back=9.2), Out("1.9", 7.0))),
    ),
    "a roll-out that reached most customers just before the reports makes it surer than one that did so a day before": (
        Case((Said((48.2, 48.5, 48.6)),), (*DAILY, Out("2.0", 0.0, rollout=((0.0, 0.01), (48.0, 1.0))))),
        Case((Said((48.2, 48.5, 48.6)),), (*DAILY, Out("2.0", 0.0, rollout=((0.0, 0.01), (24.0, 1.0))))),
    ),
    "a first report after ten minutes makes it surer than one after six hours": (
        Case((Said((0.17, 0.5, 1.0, 2.0)),), (*DAILY, Out("2.0", 0.0))),
        Case((Said((6.17, 6.5, 7.0, 8.0)),), (*DAILY, Out("2.0", 0.0))),
    ),
    "notes that speak of it make it surer than notes that do not": (
        Case((Said(SOON),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.45))),
        Case((Said(SOON),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.1))),
    ),
    "after one earlier report, the notes of a feature that speak of it count, and those of a fix do not": (
        Case((Said((-30.0, *SOON)),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.45, kind="feature"))),
        Case((Said((-30.0, *SOON)),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.45, kind="fix"))),
    ),
    "customers on the new version make it surer than customers who name none": (
        Case((Said((20.0, 30.0, 33.0), "ios", "ios/3.1"),), (Out("3.0", -90.0, "ios"), Out("3.1", 0.0, "ios"))),
        Case((Said((20.0, 30.0, 33.0), "ios"),), (Out("3.0", -90.0, "ios"), Out("3.1", 0.0, "ios"))),
    ),
}


MORE |= {
    "customers all on the new version make it surer when few of the other customers have it": (
        Case((Said(days(0, 4, 3), declared="2.0"),), (*WEEKLY, Out("2.0", MIDNIGHT)), others=MIXED),
        Case((Said(days(0, 4, 3), declared="2.0"),), (*WEEKLY, Out("2.0", MIDNIGHT)), others=UPDATED),
    ),
}


@pytest.mark.parametrize(("surer", "less_sure"), MORE.values(), ids=MORE.keys())
def test_what_makes_a_suspicion_surer(surer: Case, less_sure: Case) -> None:
    newest = next(each.release_id for each in surer.out if each.version in {"2.0", "3.1"})
    assert probabilities(surer)[newest] > probabilities(less_sure).get(newest, 0.0)


def test_customers_who_wrote_before_a_release_do_not_acquit_it_by_the_version_they_had() -> None:
    """That they wrote before it is said by the instants; that they did not have it then goes without saying."""
    before, after = (-30.0, -55.0, -70.0), tuple(3.0 + hour for hour in SOON)
    out = (Out("3.0", -100.0, "ios"), Out("3.1", 0.0, "ios"), Out("5.1", -1.0, "web"))
    silent = Case((Said(before, "ios"), Said(after, "ios", "ios/3.1")), out)
    named = Case((Said(before, "ios", "ios/3.0"), Said(after, "ios", "ios/3.1")), out)
    said = "5 of 8 reports came after it, 3 before; all 5 customers who name a version had it or a later one"
    assert reasons(named)["ios/3.1"] == reasons(silent)["ios/3.1"] == said
    assert probabilities(named)["ios/3.1"] == pytest.approx(probabilities(silent)["ios/3.1"], abs=0.15)


UNSURE = {
    "three hundred reports from the hour of a release leave a little to none of them": (
        Case((Said(tuple(0.05 + n / 20 for n in range(300))),), (*WEEKLY, Out("2.0", 0.0))),
        None,
    ),
    "three hundred reports a day and a half after a release leave a little to it": (
        Case((Said(tuple(36 + n / 20 for n in range(300))),), (*WEEKLY, Out("2.0", 0.0))),
        "2.0",
    ),
    "three hundred reports with dates only, two days after a release, leave a little to it": (
        Case((Said(days(0, 0, 150, 100, 50)),), (*WEEKLY, Out("2.0", MIDNIGHT))),
        "2.0",
    ),
}


@pytest.mark.parametrize(("case", "release_id"), UNSURE.values(), ids=UNSURE.keys())
def test_who_is_never_ruled_out(case: Case, release_id: str | None) -> None:
    assert 0.001 < probabilities(case)[release_id] < 0.999


NOTHING = {
    "without reports none of them is certain": Case((), (Out("2.0", 0.0),)),
    "without releases none of them is certain": Case((Said(SOON),), ()),
    "releases after all reports leave none of them": Case((Said(SOON),), (Out("2.0", 3.0),)),
    "releases of more than half a year ago leave none of them": Case((Said(SOON),), (Out("2.0", -24.0 * 200),)),
}


@pytest.mark.parametrize("case", NOTHING.values(), ids=NOTHING.keys())
def test_when_none_is_certain(case: Case) -> None:
    assert probabilities(case) == {None: 1.0}


REASONS = {
    "minutes from the release to the first report": (
        Case((Said(SOON),), (Out("2.0", 0.0),)),
        "the first of 5 reports came 12 minutes after it",
    ),
    "days from the release to a lone report": (
        Case((Said((72.0,)),), (Out("2.0", 0.0),)),
        "the only report came 3 days after it",
    ),
    "reports before it": (
        Case((Said((-50.0, *SOON)),), (Out("2.0", 0.0),)),
        "5 of 6 reports came after it, 1 before",
    ),
    "versions that customers name": (
        Case((Said(SOON, "ios", "ios/3.1"),), (Out("3.1", 0.0, "ios"),)),
        "the first of 5 reports came 12 minutes after it; all 5 customers who name a version had it or a later one",
    ),
    "customers on an older version": (
        Case((Said(SOON, "ios"), Said((1.5,), "ios", "ios/3.0")), (Out("3.0", -200.0, "ios"), Out("3.1", 0.0, "ios"))),
        "the first of 6 reports came 12 minutes after it; one customer was still on an older release",
    ),
    "a roll-back that reports do not heed": (
        Case((Said(tuple(0.5 + n / 2 for n in range(40))),), (Out("2.0", 0.0, rolled_back=1.0),)),
        "the first of 40 reports came 30 minutes after it; reports went on for 19 hours after it was taken back",
    ),
    "a roll-back before the first report": (
        Case((Said(tuple(6 + hour for hour in SOON)),), (Out("2.0", 0.0, rolled_back=0.2),)),
        "the first of 5 reports came 6 hours after it; it was taken back 6 hours before the first report",
    ),
    "a roll-out that had reached few": (
        Case((Said(AFTER_RUN),), (Out("2.0", 0.0, rollout=((0.0, 0.05), (3.3, 1.0))),)),
        "the first of 54 reports came 6 minutes after it; only 5 % of customers could have it when they began",
    ),
    "notes that speak of it": (
        Case((Said(SOON),), (*OTHER_NOTES, Out("2.0", 0.0, similarity=0.5))),
        "the first of 5 reports came 12 minutes after it; its notes speak of what they say",
    ),
}


@pytest.mark.parametrize(("case", "reason"), REASONS.values(), ids=REASONS.keys())
def test_what_the_reason_says(case: Case, reason: str) -> None:
    assert reasons(case)[case.out[-1].release_id] == reason


NONE_REASONS = {
    "reports long after every release": (
        Case((Said(tuple(100 + hour for hour in SOON)),), (Out("1.0", -200.0), Out("1.1", 0.0))),
        "something else may have begun within 4 days of the newest release, 1.1",
    ),
    "reports at one rate for weeks": (
        FIRST["reports at one rate for weeks name none of them"][0],
        "reports came at much the same rate before and after each release",
    ),
    "reports that began before each release": (
        Case((Said((-1.0, *SOON)),), (Out("2.0", 0.0),)),
        "the reports began before each of these releases",
    ),
}


@pytest.mark.parametrize(("case", "reason"), NONE_REASONS.values(), ids=NONE_REASONS.keys())
def test_what_the_reason_says_of_none_of_them(case: Case, reason: str) -> None:
    assert reasons(case)[None] == reason
