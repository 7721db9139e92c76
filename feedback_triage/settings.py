"""Everything that can be set from outside, read once from an environment that is passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedback_triage.errors import SettingError

PACKAGE_DIR = Path(__file__).resolve().parent

_MOST_WINDOW_HOURS = 2_160


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things lie and how they are read.

    Attributes:
        home: the one folder the program writes to unless told otherwise.
        database_url: SQLAlchemy URL; SQLite in `home` by default.
        report_dir: folder of the report; `home`/report by default.
        models_dir: folder with `encoder.toml`, `gold/` and `classifier/`.
        encoder: "" for the offline encoder, or a folder with a sentence-transformers model.
        timezone: IANA name; dates without a zone are read in it, and the report is written in it.
        product_name: how the report calls the product.
        team_labels: file with the team's own labels; None if there is none.
        languages: codes of the languages that a classifier trained here may judge; empty for any.
        max_wrong_per_100: budget of wrong labels; 0 for the classifier's own threshold.
        window_hours: lengths of the windows of the silence ledger, in hours, the shortest first.
    """

    home: Path
    database_url: str
    report_dir: Path
    models_dir: Path
    encoder: str
    timezone: str
    product_name: str
    team_labels: Path | None = None
    languages: tuple[str, ...] = ("en",)
    max_wrong_per_100: float = 0.0
    window_hours: tuple[float, ...] = (24.0, 72.0, 168.0)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables that start with FEEDBACK_TRIAGE_.

        Raises:
            SettingError: the time zone is unknown, the budget of wrong labels is no number above 0 and below 100, or
                the windows are no list of hours.
        """

        def get(name: str, default: str) -> str:
            return environ.get(f"FEEDBACK_TRIAGE_{name}", "").strip() or default

        home = Path(get("HOME", "feedback-triage-data"))
        timezone = get("TIMEZONE", "UTC")
        check_timezone(timezone)
        models_dir = Path(get("MODELS", str(shipped_models_dir())))
        beside = models_dir / "labels.toml"
        named = get("LABELS", str(beside) if beside.is_file() else "")
        return cls(
            home=home,
            database_url=get("DATABASE", f"sqlite:///{home / 'feedback.db'}"),
            report_dir=Path(get("REPORT", str(home / "report"))),
            models_dir=models_dir,
            encoder=get("ENCODER", ""),
            timezone=timezone,
            product_name=get("PRODUCT", ""),
            team_labels=Path(named) if named else None,
            languages=language_codes(get("LANGUAGES", "en")),
            max_wrong_per_100=budget_of_wrong_labels(get("MAX_WRONG_PER_100", "0")),
            window_hours=hours_of_windows(get("WINDOW_HOURS", "24,72,168")),
        )


def language_codes(value: str) -> tuple[str, ...]:
    """Read a list of language codes such as `en,de`; `any` gives an empty one.

    Raises:
        SettingError: something in it is no code of two or three letters.
    """
    codes = tuple(value.lower().replace(",", " ").split())
    if codes == ("any",):
        return ()
    if not codes or not all(code.isascii() and code.isalpha() and len(code) in {2, 3} for code in codes):
        raise SettingError(f"FEEDBACK_TRIAGE_LANGUAGES {value!r} is no list of codes; write it like en,de, or any")
    return codes


def budget_of_wrong_labels(value: str) -> float:
    """Read a budget: wrong labels in 100 given ones, 0 for none.

    Raises:
        SettingError: it is not 0 and not a number above 0 and below 100.
    """
    try:
        budget = float(value)
    except ValueError:
        budget = -1.0
    if not 0 <= budget < 100:
        raise SettingError(f"{value!r} is no budget of wrong labels in 100; write a number such as 5")
    return budget


def hours_of_windows(value: str) -> tuple[float, ...]:
    """Read the lengths of windows such as `24,72,168`; the shortest comes first, and each once.

    Raises:
        SettingError: something in it is no number of hours from 1 to 2,160 (90 days).
    """
    try:
        hours = sorted({float(part) for part in value.replace(",", " ").split()})
    except ValueError:
        hours = []
    if not hours or not all(1 <= length <= _MOST_WINDOW_HOURS for length in hours):
        raise SettingError(
            f"FEEDBACK_TRIAGE_WINDOW_HOURS {value!r} is no list of hours from 1 to 2160; write it like 24,72,168"
        )
    return tuple(hours)


def check_timezone(name: str) -> None:
    """Refuse a time zone that the zone database does not know.

    Raises:
        SettingError: the name is not an IANA time zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(f"time zone {name!r} is not known; use a name like Europe/Berlin or UTC") from None


def shipped_models_dir() -> Path:
    """The folder of models that came with the program: in the wheel, or beside the package in a checkout."""
    packaged = PACKAGE_DIR / "_models"
    return packaged if packaged.is_dir() else PACKAGE_DIR.parent / "models"
