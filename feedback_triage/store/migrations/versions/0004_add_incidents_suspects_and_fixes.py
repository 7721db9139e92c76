"""Add roll-outs and what people settle of releases, incidents, suspects, watched fixes and usage counts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add roll-outs and what people settle of releases, incidents, suspects, watched fixes and usage counts."""
    for column in (
        sa.Column("rollout", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("rolled_back_at", sa.DateTime(), nullable=True),
        sa.Column("is_hotfix", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("settled", sa.Text(), nullable=False, server_default="[]"),
    ):
        op.add_column("release", column)
    release = sa.table("release", sa.column("notes", sa.Text()), sa.column("is_hotfix", sa.Boolean()))
    begins = sa.or_(*(sa.func.lower(release.c.notes).like(f"{word}%") for word in ("hotfix", "hot fix", "hot-fix")))
    op.execute(release.update().where(begins).values(is_hotfix=sa.true()))
    with op.batch_alter_table("silence_window") as batch:
        batch.add_column(sa.Column("could_hide_ratio", sa.Float(), nullable=True))
        batch.alter_column("subject", type_=sa.String(length=220))
    _add_incidents()
    _add_fixes()
    op.create_table(
        "exposure",
        sa.Column("product", sa.String(length=200), nullable=False),
        sa.Column("platform", sa.String(length=200), nullable=False),
        sa.Column("start_at", sa.DateTime(), nullable=False),
        sa.Column("active_count", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("product", "platform", "start_at", name=op.f("pk_exposure")),
    )


def _add_incidents() -> None:
    op.create_table(
        "incident",
        sa.Column("incident_id", sa.String(length=500), nullable=False),
        sa.Column("scope", sa.String(length=220), nullable=False),
        sa.Column("also_in", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("product", sa.Text(), nullable=False, server_default=""),
        sa.Column("platform", sa.Text(), nullable=False, server_default=""),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("observed_count", sa.Integer(), nullable=False),
        sa.Column("expected_count", sa.Float(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("n_items_until_raised", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_incident")),
    )
    op.create_table(
        "incident_item",
        sa.Column("incident_id", sa.String(length=500), nullable=False),
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "item_pk", name=op.f("pk_incident_item")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.incident_id"], name=op.f("fk_incident_item_incident_id_incident")
        ),
        sa.ForeignKeyConstraint(
            ["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_incident_item_item_pk_feedback_item")
        ),
    )
    op.create_table(
        "suspect",
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("release_pk", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", "position", name=op.f("pk_suspect")),
        sa.ForeignKeyConstraint(["release_pk"], ["release.release_pk"], name=op.f("fk_suspect_release_pk_release")),
    )


def _add_fixes() -> None:
    op.create_table(
        "theme_fix",
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("release_pk", sa.Integer(), nullable=False),
        sa.Column("settled_by", sa.String(length=200), nullable=False),
        sa.Column("settled_at", sa.DateTime(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("theme_id", "release_pk", name=op.f("pk_theme_fix")),
        sa.ForeignKeyConstraint(["release_pk"], ["release.release_pk"], name=op.f("fk_theme_fix_release_pk_release")),
    )
    op.create_table(
        "fix_receipt",
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("release_pk", sa.Integer(), nullable=False),
        sa.Column("settled_by", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("n_before", sa.Integer(), nullable=False),
        sa.Column("hours_before", sa.Float(), nullable=False),
        sa.Column("n_after", sa.Integer(), nullable=False),
        sa.Column("hours_after", sa.Float(), nullable=False),
        sa.Column("expected_count", sa.Float(), nullable=False),
        sa.Column("lower", sa.Integer(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("needs_days", sa.Float(), nullable=True),
        sa.Column("needs_users", sa.Integer(), nullable=True),
        sa.Column("moved_to_theme_id", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "release_pk", name=op.f("pk_fix_receipt")),
        sa.ForeignKeyConstraint(["release_pk"], ["release.release_pk"], name=op.f("fk_fix_receipt_release_pk_release")),
    )
