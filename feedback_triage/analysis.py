"""For notebooks: what the database knows, as DataFrames, and the pipeline as one call."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from feedback_triage import pipeline, report


def run(
    feedback: Sequence[str | Path],
    releases: str | Path = "",
    *,
    exposure: str | Path = "",
    database: str = "",
    columns: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Take files through every stage up to the silence ledger, without Prefect and without a report.

    Args:
        feedback: files, each with an optional `SOURCE=` in front.
        releases: release file; "" to derive releases from the versions that customers declare.
        exposure: file of usage counts; "" for none.
        database: SQLAlchemy URL; "" for the configured one.
        columns: our column name to the files' own.

    Returns:
        What each stage counted.

    Raises:
        FeedbackTriageError: a file or the database cannot be used.
    """
    jobs = pipeline.JOBS
    files = [str(path) for path in feedback]
    counts = jobs["ingest"](files, str(releases), str(exposure), database=database, columns=columns)
    done = {name: value for name, value in counts.items() if name != "files"}
    for stage in ("embed", "label", "cluster", "link", "silence"):
        done |= jobs[stage](database=database)
    return done


def load_tables(database: str = "", *, as_of: str = "") -> dict[str, pd.DataFrame]:
    """Every table of the report as a DataFrame.

    Args:
        database: SQLAlchemy URL; "" for the configured one.
        as_of: the instant to look from, as for `feedback-triage report`.

    Returns:
        `items` (one row an item with its label, theme and release), `releases`, `themes`, `silence`, `feeds`,
        `days`, `mentions`, `theme_events`, `accounting`, `rejected`.

    Raises:
        FeedbackTriageError: the database cannot be used.
    """
    return report.tables(report.build_report(pipeline.load(database, as_of=as_of)))


def load_items(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row an item, oldest first: what was written, label, probability, theme, release. See `load_tables`."""
    return load_tables(database, as_of=as_of)["items"]


def load_releases(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row a release with its counts by label and what was expected while it was the newest. See `load_tables`."""
    return load_tables(database, as_of=as_of)["releases"]


def load_themes(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row a theme, what matters first. See `load_tables`."""
    return load_tables(database, as_of=as_of)["themes"]


def load_silence(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row a window of the silence ledger. See `load_tables`."""
    return load_tables(database, as_of=as_of)["silence"]


def load_incidents(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row an incident, oldest first; `ended_at` is NaT while it goes on. See `load_tables`."""
    return load_tables(database, as_of=as_of)["incidents"]


def load_suspects(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row a suspect of an incident or a theme, likeliest first; `release_id` is missing for none of them."""
    return load_tables(database, as_of=as_of)["suspects"]


def load_fix_receipts(database: str = "", *, as_of: str = "") -> pd.DataFrame:
    """One row a theme that a release set out to fix, and whether it did. See `load_tables`."""
    return load_tables(database, as_of=as_of)["fix_receipts"]


def theme_map(database: str = "", *, as_of: str = "") -> report.MapPicture:
    """The map of the themes; as the last value of a notebook's cell it is drawn.

    Themes that are alike lie near one another. Each dot is an item in the colour of its label; point at one to read it,
    and select a label in the legend to see its items alone. `spec` is the drawing as Vega-Lite, `svg` as SVG.

    Args:
        database: SQLAlchemy URL; "" for the configured one.
        as_of: the instant to look from, as for `feedback-triage report`.

    Raises:
        FeedbackTriageError: the database cannot be used.
    """
    return report.map_picture(report.build_report(pipeline.load(database, as_of=as_of)))


def label_texts(texts: Sequence[str]) -> pd.DataFrame:
    """Label any texts with the classifier in use.

    Returns:
        text, label (None when it abstains), probability (of the likeliest label), and a column a label with its
        probability; what is missing to 1 is "none of the labels".
    """
    proposals = pipeline.label_texts(list(texts))
    frame = pd.DataFrame(
        {
            "text": list(texts),
            "label": [proposal.label for proposal in proposals],
            "probability": [proposal.probability for proposal in proposals],
        }
    )
    return pd.concat([frame, pd.DataFrame([proposal.probabilities for proposal in proposals])], axis=1)
