"""Settings come from the environment that is passed in, and from nowhere else."""

from dataclasses import asdict
from pathlib import Path

import pytest

from feedback_triage import settings
from feedback_triage.errors import SettingError
from feedback_triage.settings import Settings, budget_of_wrong_labels, check_timezone, shipped_models_dir

DEFAULTS = {
    "home": Path("feedback-triage-data"),
    "database_url": "sqlite:///feedback-triage-data/feedback.db",
    "report_dir": Path("feedback-triage-data/report"),
    "models_dir": shipped_models_dir(),
    "encoder": "",
    "timezone": "UTC",
    "product_name": "",
    "team_labels": None,
    "languages": ("en",),
    "max_wrong_per_100": 0.0,
    "window_hours": (24.0, 72.0, 168.0),
}


def test_without_variables_everything_has_a_default() -> None:
    assert asdict(Settings.from_environ({})) == DEFAULTS


def test_the_environment_of_the_process_does_not_leak_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDBACK_TRIAGE_PRODUCT", "Vidlane")
    assert Settings.from_environ({}).product_name == ""


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        pytest.param("DATABASE", "postgresql+psycopg://db/triage", "database_url", None, id="the database"),
        pytest.param("REPORT", "out/report", "report_dir", Path("out/report"), id="the folder of the report"),
        pytest.param("MODELS", "my/models", "models_dir", Path("my/models"), id="the folder of models"),
        pytest.param("ENCODER", "my/encoder", "encoder", None, id="another encoder"),
        pytest.param("TIMEZONE", "Europe/Berlin", "timezone", None, id="the time zone"),
        pytest.param("PRODUCT", "Vidlane Studio", "product_name", None, id="the name of the product"),
        pytest.param("LABELS", "my/labels.toml", "team_labels", Path("my/labels.toml"), id="the team's labels"),
        pytest.param("LANGUAGES", "de", "languages", ("de",), id="one language"),
        pytest.param("LANGUAGES", "EN, de,fr  it", "languages", ("en", "de", "fr", "it"), id="four languages"),
        pytest.param("MAX_WRONG_PER_100", "2.5", "max_wrong_per_100", 2.5, id="the budget of wrong labels"),
        pytest.param("WINDOW_HOURS", "72,12", "window_hours", (12.0, 72.0), id="the windows of the ledger"),
    ],
)
def test_a_variable_sets_its_own_field_and_no_other(variable: str, value: str, field: str, expected: object) -> None:
    found = asdict(Settings.from_environ({f"FEEDBACK_TRIAGE_{variable}": f" {value} "}))
    assert found == {**DEFAULTS, field: expected or value}


def test_a_home_takes_database_and_report_with_it() -> None:
    found = asdict(Settings.from_environ({"FEEDBACK_TRIAGE_HOME": "elsewhere"}))
    assert found == {
        **DEFAULTS,
        "home": Path("elsewhere"),
        "database_url": "sqlite:///elsewhere/feedback.db",
        "report_dir": Path("elsewhere/report"),
    }


VARIABLES = ("HOME", "DATABASE", "REPORT", "MODELS", "ENCODER", "TIMEZONE", "PRODUCT")


@pytest.mark.parametrize("name", [*VARIABLES, "LABELS", "LANGUAGES", "MAX_WRONG_PER_100"])
def test_a_blank_variable_is_one_that_is_not_set(name: str) -> None:
    assert asdict(Settings.from_environ({f"FEEDBACK_TRIAGE_{name}": "  "})) == DEFAULTS


def test_a_variable_without_our_prefix_is_not_ours() -> None:
    assert asdict(Settings.from_environ({"HOME": "/elsewhere", "DATABASE": "x", "TIMEZONE": "Mars/Base"})) == DEFAULTS


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata"])
def test_a_time_zone_of_the_zone_database_is_taken(name: str) -> None:
    check_timezone(name)
    assert Settings.from_environ({"FEEDBACK_TRIAGE_TIMEZONE": name}).timezone == name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Mars/Base", id="no such zone"),
        pytest.param("Europe", id="a folder of the zone database"),
        pytest.param("../../etc/passwd", id="a way out of the zone database"),
        pytest.param("/etc/localtime", id="an absolute path"),
        pytest.param("+02:00", id="an offset"),
        pytest.param("Europe/Ber\x00lin", id="a NUL"),
        pytest.param("Europe/\ud800", id="half a surrogate"),
        pytest.param("Europe/Berlin\nUTC", id="two lines"),
    ],
)
def test_an_unknown_time_zone_is_told_in_one_line(name: str) -> None:
    with pytest.raises(SettingError) as error:
        Settings.from_environ({"FEEDBACK_TRIAGE_TIMEZONE": name})
    assert str(error.value) == f"time zone {name!r} is not known; use a name like Europe/Berlin or UTC"
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("value", ["any", "ANY", " Any "])
def test_any_language_may_be_judged(value: str) -> None:
    assert Settings.from_environ({"FEEDBACK_TRIAGE_LANGUAGES": value}).languages == ()


def test_labels_beside_the_models_are_found_unless_others_are_named(tmp_path: Path) -> None:
    environ = {"FEEDBACK_TRIAGE_MODELS": str(tmp_path)}
    assert Settings.from_environ(environ).team_labels is None
    (tmp_path / "labels.toml").touch()
    assert Settings.from_environ(environ).team_labels == tmp_path / "labels.toml"
    assert Settings.from_environ({**environ, "FEEDBACK_TRIAGE_LABELS": "x.toml"}).team_labels == Path("x.toml")


@pytest.mark.parametrize(("value", "expected"), [("0", 0.0), ("5", 5.0), ("0.5", 0.5), ("99.9", 99.9), ("1e1", 10.0)])
def test_a_budget_of_wrong_labels_is_read(value: str, expected: float) -> None:
    assert budget_of_wrong_labels(value) == expected


@pytest.mark.parametrize("value", ["-1", "100", "250", "nan", "inf", "-inf", "five", "5 %", "", "5\n6", "0x5"])
def test_what_is_no_budget_is_told_in_one_line(value: str) -> None:
    with pytest.raises(SettingError) as error:
        budget_of_wrong_labels(value)
    assert str(error.value) == f"{value!r} is no budget of wrong labels in 100; write a number such as 5"
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("24,72,168", (24.0, 72.0, 168.0)), ("168 24", (24.0, 168.0)), ("72,", (72.0,)), ("1.5, 1.5,2160", (1.5, 2160.0))],
)
def test_the_windows_of_the_ledger_are_read(value: str, expected: tuple[float, ...]) -> None:
    assert Settings.from_environ({"FEEDBACK_TRIAGE_WINDOW_HOURS": value}).window_hours == expected


@pytest.mark.parametrize("value", ["0", "-24", "a day", "nan", "inf", "24;72", "2161", "0.5"])
def test_what_is_no_list_of_windows_is_told_in_one_line(value: str) -> None:
    with pytest.raises(SettingError, match="is no list of hours from 1 to 2160") as error:
        Settings.from_environ({"FEEDBACK_TRIAGE_WINDOW_HOURS": value})
    assert "\n" not in str(error.value)


def test_the_shipped_models_are_there() -> None:
    assert (shipped_models_dir() / "encoder.toml").is_file()
    assert (shipped_models_dir() / "gold" / "labels.csv").is_file()


def test_models_in_the_wheel_go_before_those_beside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "feedback_triage"
    package.mkdir(parents=True)
    monkeypatch.setattr(settings, "PACKAGE_DIR", package)
    assert shipped_models_dir() == tmp_path / "site" / "models"
    (package / "_models").mkdir()
    assert shipped_models_dir() == package / "_models"
