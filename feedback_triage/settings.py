"""Everything that can be set from outside, read once from an environment that is passed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from feedback_triage.errors import SettingError

PACKAGE_DIR = Path(__file__).resolve().parent


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
    """

    home: Path
    database_url: str
    report_dir: Path
    models_dir: Path
    encoder: str
    timezone: str
    product_name: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables that start with FEEDBACK_TRIAGE_.

        Raises:
            SettingError: the time zone is unknown.
        """

        def get(name: str, default: str) -> str:
            return environ.get(f"FEEDBACK_TRIAGE_{name}", "").strip() or default

        home = Path(get("HOME", "feedback-triage-data"))
        timezone = get("TIMEZONE", "UTC")
        check_timezone(timezone)
        return cls(
            home=home,
            database_url=get("DATABASE", f"sqlite:///{home / 'feedback.db'}"),
            report_dir=Path(get("REPORT", str(home / "report"))),
            models_dir=Path(get("MODELS", str(shipped_models_dir()))),
            encoder=get("ENCODER", ""),
            timezone=timezone,
            product_name=get("PRODUCT", ""),
        )


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
