import pandas as pd

from feedback_triage.link import derive_releases

START = pd.Timestamp("2026-03-02T15:30:00", tz="UTC")


def seen(version: str, days: list[float], platform: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "written_at": [START + pd.Timedelta(days=day) for day in days],
            "app_version": version,
            "platform": platform,
        }
    )


def many(version: str, first: float, n: int, **kwargs: str) -> pd.DataFrame:
    return seen(version, [first + i / 10 for i in range(n)], **kwargs)


def test_a_version_is_out_from_the_day_it_is_first_seen() -> None:
    release = derive_releases(many("1.0", 0, 60))[0]
    assert release.version == "1.0"
    assert release.released_at.isoformat() == "2026-03-02T00:00:00+00:00"
    assert release.is_derived


def test_a_version_needs_more_than_fifty_items_in_a_large_file() -> None:
    items = pd.concat([many("1.0", 0, 5000), many("1.1", 9, 51), many("1.2", 9, 50)])
    assert {release.version for release in derive_releases(items)} == {"1.0", "1.1"}


def test_a_small_file_has_releases_too() -> None:
    items = pd.concat([many("1.0", 0, 120), many("1.1", 12, 77), many("0.9", 3, 2)])
    assert [release.version for release in derive_releases(items)] == ["1.0", "1.1"]


def test_the_least_number_of_items_can_be_given() -> None:
    items = pd.concat([many("1.0", 0, 10), many("1.1", 12, 11)])
    assert [release.version for release in derive_releases(items, min_items=10)] == ["1.1"]


def test_what_is_no_version_is_no_release() -> None:
    assert derive_releases(pd.concat([many("Unknown", 0, 90), many("", 0, 90)])) == []


def test_spellings_of_one_version_are_one_release_with_the_usual_spelling() -> None:
    items = pd.concat([many("v12.09", 0, 20), many("12.9", 1, 40)])
    releases = derive_releases(items)
    assert [release.version for release in releases] == ["12.9"]
    assert releases[0].released_at.date().isoformat() == "2026-03-02"


def test_a_stray_early_sighting_is_passed_over() -> None:
    items = pd.concat([seen("2.0", [0.0]), many("2.0", 40, 60)])
    assert derive_releases(items)[0].released_at.date().isoformat() == "2026-04-11"


def test_a_slow_start_is_not_passed_over() -> None:
    items = pd.concat([seen("2.0", [0.0, 3.0, 7.0]), many("2.0", 12, 60)])
    assert derive_releases(items)[0].released_at.date().isoformat() == "2026-03-02"


def test_each_platform_has_releases_of_its_own() -> None:
    items = pd.concat([many("1.0", 0, 60, platform="iOS"), many("1.0", 5, 60, platform="android")])
    assert [release.release_id for release in derive_releases(items)] == ["android/1.0", "iOS/1.0"]


def test_the_order_of_the_rows_does_not_matter() -> None:
    items = pd.concat([many("1.0", 0, 60), many("v1.0", 0, 60), many("1.1", 4, 70)], ignore_index=True)
    assert derive_releases(items.sample(frac=1, random_state=3)) == derive_releases(items)
