"""Add reviews, the language of a predicted text, and what became of links."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add reviews, the language of a predicted text, and what became of links."""
    op.create_table(
        "review",
        sa.Column("review_pk", sa.Integer(), nullable=False),
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=True),
        sa.Column("reviewer", sa.String(length=200), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("review_pk", name=op.f("pk_review")),
        sa.ForeignKeyConstraint(["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_review_item_pk_feedback_item")),
    )
    op.create_index(op.f("ix_review_item_pk"), "review", ["item_pk"])
    op.create_table(
        "link_proof",
        sa.Column("url_sha256", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("first_seen_dead_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("url_sha256", name=op.f("pk_link_proof")),
    )
    op.add_column("prediction", sa.Column("language", sa.String(length=10), nullable=False, server_default=""))
