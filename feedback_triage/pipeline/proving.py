"""Ask the links that customers call broken whether they are. Off unless it is called for: it uses the network."""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from feedback_triage.pipeline.jobs import Counts, settings_for
from feedback_triage.proof import LinkProof, Outcome, ProofPolicy, Prover, urls_in
from feedback_triage.store import Store, open_store, proofs, proposals, write

_BATCH = 20  # links a transaction: a kill loses the answers of so many at most


def prove_links(*, database: str = "", recheck_hours: float = 24.0) -> Counts:
    """Request the links in items labelled `broken_link` and store what they answer.

    Args:
        database: URL, "" for the configured one.
        recheck_hours: a link that was checked within so many hours is not due.

    Returns:
        n_urls that were due, and of these n_alive, n_dead, n_failing, n_refused, and n_left for the next run.
    """
    # Not a job with the database to itself: asking may take half an hour, and other stages must not wait for it.
    started_at = datetime.now(UTC)
    with open_store(settings_for(database).database_url) as store:
        prover = Prover(ProofPolicy(), now=lambda: datetime.now(UTC), sleep=time.sleep)
        counts: Counts = prove_due(store, prover, started_at - timedelta(hours=recheck_hours))
        with store.writing() as connection:
            write.pipeline_run(connection, "prove", started_at, datetime.now(UTC), counts)
    return counts


def prove_due(store: Store, prover: Prover, checked_before: datetime) -> dict[str, int]:
    """Check the links that were last checked at or before an instant, or never.

    Returns:
        As `prove_links`.
    """
    due = _due(store, checked_before)
    asked = due[: prover.policy.max_urls]
    outcomes: Counter[Outcome] = Counter()
    for start in range(0, len(asked), _BATCH):
        answers: list[LinkProof] = [prover.prove(url) for url in asked[start : start + _BATCH]]
        outcomes.update(answer.outcome for answer in answers)
        with store.writing() as connection:
            proofs.upsert(connection, answers)
    counts = {f"n_{outcome.value}": outcomes[outcome] for outcome in Outcome}
    return {"n_urls": len(due), **counts, "n_left": len(due) - len(asked)}


def _due(store: Store, checked_before: datetime) -> list[str]:
    """Never checked ones first, those of the newest complaint leading; then the ones that waited longest."""
    with store.reading() as connection:
        classifier_version = proposals.label_run(connection).classifier_version
        texts = proofs.wanted(connection, classifier_version)["text"]
        checked_at = proofs.last_checked_at(connection)
    urls = list(dict.fromkeys(url for text in texts for url in urls_in(text)))
    never = [url for url in urls if url not in checked_at]
    again = [url for url in urls if url in checked_at and checked_at[url] <= checked_before]
    return never + sorted(again, key=lambda url: (checked_at[url], url))
