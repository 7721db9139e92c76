"""Create the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "clustering",
        sa.Column("clustering_pk", sa.Integer(), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("encoder_id", sa.String(length=100), nullable=False),
        sa.Column("n_items", sa.Integer(), nullable=False),
        sa.Column("n_clusters", sa.Integer(), nullable=False),
        sa.Column("noise_ratio", sa.Float(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("last_written_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("clustering_pk", name=op.f("pk_clustering")),
        sa.UniqueConstraint("input_sha256", name=op.f("uq_clustering_input_sha256")),
    )
    op.create_table(
        "embedding",
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("encoder_id", sa.String(length=100), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("text_sha256", "encoder_id", name=op.f("pk_embedding")),
    )
    op.create_table(
        "ingested_file",
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=400), nullable=False),
        sa.Column("n_read", sa.Integer(), nullable=False),
        sa.Column("n_stored", sa.Integer(), nullable=False),
        sa.Column("n_already_known", sa.Integer(), nullable=False),
        sa.Column("n_rejected", sa.Integer(), nullable=False),
        sa.Column("ingested_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("file_sha256", name=op.f("pk_ingested_file")),
    )
    op.create_table(
        "pipeline_run",
        sa.Column("pipeline_run_pk", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pipeline_run_pk", name=op.f("pk_pipeline_run")),
    )
    op.create_table(
        "release",
        sa.Column("release_pk", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.String(length=400), nullable=False),
        sa.Column("version", sa.String(length=200), nullable=False),
        sa.Column("released_at", sa.DateTime(), nullable=False),
        sa.Column("product", sa.Text(), server_default="", nullable=False),
        sa.Column("platform", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("is_derived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("release_pk", name=op.f("pk_release")),
        sa.UniqueConstraint("release_id", name=op.f("uq_release_release_id")),
    )
    op.create_table(
        "source",
        sa.Column("source_pk", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("source_pk", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "theme",
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("is_ended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", name=op.f("pk_theme")),
    )
    op.create_table(
        "triage_report",
        sa.Column("triage_report_pk", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("period_start", sa.DateTime(), nullable=False),
        sa.Column("period_end", sa.DateTime(), nullable=False),
        sa.Column("html_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("triage_report_pk", name=op.f("pk_triage_report")),
        sa.UniqueConstraint("as_of", "html_sha256", name=op.f("uq_triage_report_as_of")),
    )
    op.create_table(
        "cluster",
        sa.Column("clustering_pk", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("keyphrases", sa.Text(), nullable=False),
        sa.Column("exemplar_item_ids", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("centroid", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clustering_pk"], ["clustering.clustering_pk"], name=op.f("fk_cluster_clustering_pk_clustering")
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.theme_id"], name=op.f("fk_cluster_theme_id_theme")),
        sa.PrimaryKeyConstraint("clustering_pk", "cluster", name=op.f("pk_cluster")),
    )
    op.create_table(
        "feedback_item",
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("source_pk", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=400), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.Column("ingested_at", sa.DateTime(), nullable=False),
        sa.Column("verbatim", sa.Text(), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("app_version", sa.Text(), server_default="", nullable=False),
        sa.Column("platform", sa.Text(), server_default="", nullable=False),
        sa.Column("product", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("author_key", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_pk"], ["source.source_pk"], name=op.f("fk_feedback_item_source_pk_source")),
        sa.PrimaryKeyConstraint("item_pk", name=op.f("pk_feedback_item")),
        sa.UniqueConstraint("source_pk", "external_id", name=op.f("uq_feedback_item_source_pk")),
    )
    with op.batch_alter_table("feedback_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_item_text_sha256"), ["text_sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_item_written_at"), ["written_at"], unique=False)

    op.create_table(
        "rejected_row",
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["file_sha256"],
            ["ingested_file.file_sha256"],
            name=op.f("fk_rejected_row_file_sha256_ingested_file"),
        ),
        sa.PrimaryKeyConstraint("file_sha256", "row_number", name=op.f("pk_rejected_row")),
    )
    op.create_table(
        "silence_window",
        sa.Column("release_pk", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=20), nullable=False),
        sa.Column("start_at", sa.DateTime(), nullable=False),
        sa.Column("end_at", sa.DateTime(), nullable=False),
        sa.Column("expected_count", sa.Float(), nullable=False),
        sa.Column("lower", sa.Integer(), nullable=False),
        sa.Column("upper", sa.Integer(), nullable=False),
        sa.Column("observed_count", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_pk"], ["release.release_pk"], name=op.f("fk_silence_window_release_pk_release")
        ),
        sa.PrimaryKeyConstraint("release_pk", "subject", "end_at", name=op.f("pk_silence_window")),
    )
    op.create_table(
        "theme_event",
        sa.Column("theme_event_pk", sa.Integer(), nullable=False),
        sa.Column("clustering_pk", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("related_theme_ids", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clustering_pk"],
            ["clustering.clustering_pk"],
            name=op.f("fk_theme_event_clustering_pk_clustering"),
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.theme_id"], name=op.f("fk_theme_event_theme_id_theme")),
        sa.PrimaryKeyConstraint("theme_event_pk", name=op.f("pk_theme_event")),
    )
    with op.batch_alter_table("theme_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_theme_event_clustering_pk"), ["clustering_pk"], unique=False)

    op.create_table(
        "cluster_member",
        sa.Column("clustering_pk", sa.Integer(), nullable=False),
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Integer(), nullable=False),
        sa.Column("membership_strength", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clustering_pk"],
            ["clustering.clustering_pk"],
            name=op.f("fk_cluster_member_clustering_pk_clustering"),
        ),
        sa.ForeignKeyConstraint(
            ["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_cluster_member_item_pk_feedback_item")
        ),
        sa.PrimaryKeyConstraint("clustering_pk", "item_pk", name=op.f("pk_cluster_member")),
    )
    op.create_table(
        "prediction",
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("classifier_version", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=True),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("probability_none", sa.Float(), nullable=False),
        sa.Column("probabilities", sa.Text(), nullable=False),
        sa.Column("abstained", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_prediction_item_pk_feedback_item")
        ),
        sa.PrimaryKeyConstraint("item_pk", "classifier_version", name=op.f("pk_prediction")),
    )
    op.create_table(
        "release_link",
        sa.Column("release_link_pk", sa.Integer(), nullable=False),
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("release_pk", sa.Integer(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_release_link_item_pk_feedback_item")
        ),
        sa.ForeignKeyConstraint(
            ["release_pk"], ["release.release_pk"], name=op.f("fk_release_link_release_pk_release")
        ),
        sa.PrimaryKeyConstraint("release_link_pk", name=op.f("pk_release_link")),
    )
    with op.batch_alter_table("release_link", schema=None) as batch_op:
        batch_op.create_index("ix_release_link_item_basis", ["item_pk", "basis"], unique=False)

    op.create_table(
        "release_mention",
        sa.Column("release_pk", sa.Integer(), nullable=False),
        sa.Column("item_pk", sa.Integer(), nullable=False),
        sa.Column("similarity", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_pk"], ["feedback_item.item_pk"], name=op.f("fk_release_mention_item_pk_feedback_item")
        ),
        sa.ForeignKeyConstraint(
            ["release_pk"], ["release.release_pk"], name=op.f("fk_release_mention_release_pk_release")
        ),
        sa.PrimaryKeyConstraint("release_pk", "item_pk", name=op.f("pk_release_mention")),
    )
