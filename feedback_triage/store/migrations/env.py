"""Alembic's entry: runs on the connection that `store.session` hands over."""

from alembic import context

from feedback_triage.store import ledger_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=ledger_tables.silence_window.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
