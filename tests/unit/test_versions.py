import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_triage.versions import canonical, version_key


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        pytest.param("1.9", "1.10", id="numbers are compared as numbers"),
        pytest.param("1.0rc1", "1.0", id="a release candidate comes before the release"),
        pytest.param("1.0", "1.0.1", id="a patch comes after"),
        pytest.param("v2.0", "2.1", id="a leading v is no part of the version"),
        pytest.param("2026-03-01", "2026-11-02", id="dates are ordered by their numbers"),
        pytest.param("3.12.1 (build 99)", "3.12.1 (build 4411)", id="builds settle a tie by their number"),
        pytest.param("3.12.1 (build 4411)", "3.12.2 (build 3)", id="the version goes before the build"),
        pytest.param("beta", "0.1", id="text without a number is lowest"),
    ],
)
def test_versions_are_ordered(lower: str, higher: str) -> None:
    assert version_key(lower) < version_key(higher)


@given(st.lists(st.text(max_size=12), min_size=2, max_size=6, unique=True))
def test_any_strings_have_one_order(versions: list[str]) -> None:
    """No two strings tie, so a sort gives the same order whatever it starts from."""
    assert sorted(versions, key=version_key) == sorted(versions[1:] + versions[:1], key=version_key)
    assert len({version_key(version) for version in versions}) == len(versions)


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        pytest.param("v12.09", "12.9", id="leading v and zeros"),
        pytest.param("12.9.0", "12.9", id="trailing zeros"),
        pytest.param("  Version 12.9 ", "12.9", id="the word version"),
        pytest.param("12.9 (build 4411)", "12.9", id="a build in brackets"),
        pytest.param("12.9 build 4411", "12.9", id="a build in words"),
        pytest.param("3.0.0 RC1", "3rc1", id="a release candidate stays one"),
        pytest.param("100", "100", id="zeros that count are kept"),
        pytest.param("2026-03-01", "2026-3-1", id="a date"),
        pytest.param("Unknown", "", id="no digit, no version"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_spellings_of_a_version_become_one(spelling: str, expected: str) -> None:
    assert canonical(spelling) == expected


@given(st.text(max_size=20))
def test_the_canonical_spelling_is_its_own_canonical_spelling(version: str) -> None:
    once = canonical(version)
    assert canonical(once) == once
