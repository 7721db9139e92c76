"""Commands around what the classifier learns: decisions, training, promotion."""

import argparse
import sys
from pathlib import Path

from feedback_triage.errors import InputError, ModelError


def next_to_label(options: argparse.Namespace) -> None:
    """List the items most worth a look."""
    from feedback_triage.pipeline import next_to_label as choose

    rows = choose(options.count, database=options.database, sheet=options.sheet)
    if not rows:
        _say("nothing waits for a look")
        return
    for number, row in enumerate(rows, 1):
        _say(f"{number:>2}. {row['id']}  {_short(row['text'])}")
        _say(f"    {row['why']}")
    if options.sheet:
        _say(f"\nfill in the column decision of {options.sheet} (accept, relabel, reject, ignore), then run:")
        _say(f"feedback-triage review {options.sheet} --reviewer NAME")


def review(options: argparse.Namespace) -> None:
    """Store decisions."""
    from feedback_triage.pipeline import Decided, review_sheet, store_reviews

    if bool(options.sheet) == bool(options.item):
        raise InputError("name either a sheet of decisions or one item with --item and --decision")
    if options.sheet:
        done = review_sheet(options.sheet, options.reviewer, database=options.database)
    else:
        one = Decided("--item", options.item, options.decision, options.label)
        done = store_reviews([one], options.reviewer, database=options.database)
    _say(f"stored {done['n_stored']} of {done['n_decided']} decisions (a repeated one is not stored again)")


def train(options: argparse.Namespace) -> None:
    """Train a classifier."""
    from feedback_triage.pipeline import train_classifier

    done = train_classifier(
        options.gold,
        trained_on=options.date,
        method=options.method,
        with_reviews=options.with_reviews,
        database=options.database,
    )
    items = f"{done['n_gold']} gold items"
    if done["n_corrections"]:
        items += f" and {done['n_corrections']} decisions (a third of them held out)"
    kept = " (the built-in labels as before; only the team's own were trained)" if done["is_base_kept"] else ""
    _say(f"trained {done['version']} on {items}: macro-F1 {done['macro_f1']:.3f} on held-out gold items{kept}")
    _say(f"its card is {Path(done['folder']) / 'README.md'}")
    if done["is_candidate"]:
        _say(f"it is a candidate; to put it in use: feedback-triage promote {done['version']}")
    else:
        _say("it is in use now")


def promote(options: argparse.Namespace) -> None:
    """Put a candidate in use."""
    from feedback_triage.pipeline import promote_classifier

    done = promote_classifier(options.version, database=options.database)
    _say(
        f"held-out corrections: {done['n_corrections']}, right with the one in use {done['n_right_current']}, "
        f"with the candidate {done['n_right_candidate']} (sign test p = {done['p_value']:g})"
    )
    if done["objections"]:
        raise ModelError(f"{options.version} was not promoted: {'; '.join(done['objections'])}")
    _say(f"{options.version} is in use now; to go back: feedback-triage rollback")


def roll_back(_options: argparse.Namespace) -> None:
    """Go back to the classifier before."""
    from feedback_triage.pipeline import roll_back_classifier

    _say(f"{roll_back_classifier()} is in use again")


def _short(text: str) -> str:
    from feedback_triage.report import printable

    line = printable(" ".join(text.split()))
    return line if len(line) <= 100 else line[:99] + "…"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
