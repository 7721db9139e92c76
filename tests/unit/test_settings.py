"""Settings come from the environment that is passed in, and from nowhere else."""

from dataclasses import asdict
from pathlib import Path

import pytest

from feedback_triage import settings
from feedback_triage.errors import SettingError
from feedback_triage.settings import Settings, check_timezone, shipped_models_dir

DEFAULTS = {
    "home": Path("feedback-triage-data"),
    "database_url": "sqlite:///feedback-triage-data/feedback.db",
    "report_dir": Path("feedback-triage-data/report"),
    "models_dir": shipped_models_dir(),
    "encoder": "",
    "timezone": "UTC",
    "product_name": "",
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


@pytest.mark.parametrize("name", ["HOME", "DATABASE", "REPORT", "MODELS", "ENCODER", "TIMEZONE", "PRODUCT"])
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
