"""Where every row went, and the items that no release, theme or English reader can speak for."""

from feedback_triage.report.cards import Accounting, FileRow, RejectedGroup
from feedback_triage.report.facts import Facts, records
from feedback_triage.report.filters import NONE, QUEUE_LANGUAGE, Count, ItemFilter
from feedback_triage.report.words import language_name

MOST_ROWS_OF_A_REASON = 20


def build_accounting(facts: Facts) -> Accounting:
    """Build files and rejected rows by reason, and the items in languages the classifier does not read, most first."""
    files = tuple(
        FileRow(
            str(row.file_name),
            int(row.n_read),
            int(row.n_stored),
            int(row.n_already_known),
            int(row.n_rejected),
        )
        for row in records(facts.source.accounting.sort_values("file_name"))
    )
    rejected = facts.source.rejected.sort_values(["reason", "file_name", "row_number"])
    groups = [
        RejectedGroup(
            reason=str(reason).replace("_", " "),
            n=len(part),
            rows=tuple(
                (str(row.file_name), int(row.row_number), str(row.detail))
                for row in records(part.head(MOST_ROWS_OF_A_REASON))
            ),
        )
        for reason, part in rejected.groupby("reason")
    ]
    not_read = ItemFilter(queue=QUEUE_LANGUAGE)
    languages = facts.found(not_read)["language"].value_counts()
    others = sorted(((str(code), int(n)) for code, n in languages.items()), key=lambda pair: (-pair[1], pair[0]))
    return Accounting(
        files=files,
        rejected=tuple(sorted(groups, key=lambda group: (-group.n, group.reason))),
        not_read=facts.count(not_read),
        languages=tuple((language_name(code), Count(n, not_read.narrowed(language=code))) for code, n in others),
        language_unknown=facts.count(ItemFilter(language="")),
        before_any_release=facts.count(ItemFilter(release=NONE)),
        without_theme=facts.count(ItemFilter(theme=NONE)),
        not_judged=facts.count(ItemFilter(label=NONE, queue="")),
    )
