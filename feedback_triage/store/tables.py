"""The tables. Alembic migrations create them; this module is what queries are written against."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware on both sides, stored without a zone in UTC so that every database orders it alike."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Turn an aware instant into naive UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the instant its zone back."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


source = Table(
    "source",
    metadata,
    Column("source_pk", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
)

feedback_item = Table(
    "feedback_item",
    metadata,
    Column("item_pk", Integer, primary_key=True),
    Column("source_pk", ForeignKey("source.source_pk"), nullable=False),
    Column("external_id", String(400), nullable=False),
    Column("written_at", UtcDateTime, nullable=False, index=True),
    Column("ingested_at", UtcDateTime, nullable=False),
    _text("verbatim"),
    _text("text"),
    Column("text_sha256", String(64), nullable=False, index=True),
    Column("content_sha256", String(64), nullable=False),
    _text("title"),
    Column("rating", Float),
    _text("app_version"),
    _text("platform"),
    _text("product"),
    _text("url"),
    _text("author_key"),
    UniqueConstraint("source_pk", "external_id"),
)

ingested_file = Table(
    "ingested_file",
    metadata,
    Column("file_sha256", String(64), primary_key=True),
    Column("file_name", String(400), nullable=False),
    Column("n_read", Integer, nullable=False),
    Column("n_stored", Integer, nullable=False),
    Column("n_already_known", Integer, nullable=False),
    Column("n_rejected", Integer, nullable=False),
    Column("ingested_at", UtcDateTime, nullable=False),
)

rejected_row = Table(
    "rejected_row",
    metadata,
    Column("file_sha256", ForeignKey("ingested_file.file_sha256"), primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("reason", String(60), nullable=False),
    _text("detail"),
    _text("raw"),
)

release = Table(
    "release",
    metadata,
    Column("release_pk", Integer, primary_key=True),
    Column("release_id", String(400), nullable=False, unique=True),
    Column("version", String(200), nullable=False),
    Column("released_at", UtcDateTime, nullable=False),
    _text("product"),
    _text("platform"),
    Column("kind", String(20)),
    _text("notes"),
    Column("is_derived", Boolean, nullable=False),
    Column("rollout", Text, nullable=False, server_default="[]"),
    Column("rolled_back_at", UtcDateTime),
    Column("is_hotfix", Boolean, nullable=False, server_default=false()),
    Column("settled", Text, nullable=False, server_default="[]"),
    Column("is_removed", Boolean, nullable=False, server_default=false()),
)

embedding = Table(
    "embedding",
    metadata,
    Column("text_sha256", String(64), primary_key=True),
    Column("encoder_id", String(100), primary_key=True),
    Column("dim", Integer, nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

prediction = Table(
    "prediction",
    metadata,
    Column("item_pk", ForeignKey("feedback_item.item_pk"), primary_key=True),
    Column("classifier_version", String(100), primary_key=True),
    Column("label", String(60)),
    Column("probability", Float, nullable=False),
    Column("probability_none", Float, nullable=False),
    Column("probabilities", Text, nullable=False),
    Column("abstained", Boolean, nullable=False),
    Column("language", String(10), nullable=False, server_default=""),
)

review = Table(
    "review",
    metadata,
    Column("review_pk", Integer, primary_key=True),
    Column("item_pk", ForeignKey("feedback_item.item_pk"), nullable=False, index=True),
    Column("decision", String(20), nullable=False),
    Column("label", String(60)),
    Column("reviewer", String(200), nullable=False),
    Column("reviewed_at", UtcDateTime, nullable=False),
)

link_proof = Table(
    "link_proof",
    metadata,
    Column("url_sha256", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("status", Integer),
    Column("checked_at", UtcDateTime, nullable=False),
    Column("first_seen_dead_at", UtcDateTime),
)

clustering = Table(
    "clustering",
    metadata,
    Column("clustering_pk", Integer, primary_key=True),
    Column("input_sha256", String(64), nullable=False, unique=True),
    Column("encoder_id", String(100), nullable=False),
    Column("n_items", Integer, nullable=False),
    Column("n_clusters", Integer, nullable=False),
    Column("noise_ratio", Float, nullable=False),
    Column("settings", Text, nullable=False),
    Column("last_written_at", UtcDateTime),
    Column("themes_sha256", String(64), nullable=False, server_default=""),
)

theme = Table(
    "theme",
    metadata,
    Column("theme_id", String(40), primary_key=True),
    Column("name", String(400), nullable=False),
    Column("is_ended", Boolean, nullable=False),
    Column("found_name", String(400), nullable=False, server_default=""),
    Column("is_hidden", Boolean, nullable=False, server_default=false()),
    Column("keyphrases", Text, nullable=False, server_default="[]"),
    Column("exemplar_item_ids", Text, nullable=False, server_default="[]"),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("area", String(400), nullable=False, server_default=""),
)

theme_edit = Table(
    "theme_edit",
    metadata,
    Column("edit_id", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(20), nullable=False),
    Column("theme_id", String(40), nullable=False),
    Column("edited_by", String(200), nullable=False),
    Column("edited_at", UtcDateTime, nullable=False),
    _text("name"),
    Column("into_theme_id", String(40), nullable=False, server_default=""),
    Column("new_theme_id", String(40), nullable=False, server_default=""),
    Column("item_ids", Text, nullable=False, server_default="[]"),
    Column("origins", Text, nullable=False, server_default="[]"),
    Column("undoes", ForeignKey("theme_edit.edit_id")),
)

theme_event = Table(
    "theme_event",
    metadata,
    Column("theme_event_pk", Integer, primary_key=True),
    Column("clustering_pk", ForeignKey("clustering.clustering_pk"), nullable=False, index=True),
    Column("theme_id", ForeignKey("theme.theme_id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("related_theme_ids", Text, nullable=False),
)

cluster = Table(
    "cluster",
    metadata,
    Column("clustering_pk", ForeignKey("clustering.clustering_pk"), primary_key=True),
    Column("cluster", Integer, primary_key=True),
    Column("theme_id", ForeignKey("theme.theme_id"), nullable=False),
    Column("name", String(400), nullable=False),
    Column("keyphrases", Text, nullable=False),
    Column("exemplar_item_ids", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("centroid", LargeBinary, nullable=False),
    Column("least_cosine", Float, nullable=False, server_default="1"),
)

cluster_member = Table(
    "cluster_member",
    metadata,
    Column("clustering_pk", ForeignKey("clustering.clustering_pk"), primary_key=True),
    Column("item_pk", ForeignKey("feedback_item.item_pk"), primary_key=True),
    Column("cluster", Integer, nullable=False),
    Column("membership_strength", Float, nullable=False),
)

release_link = Table(
    "release_link",
    metadata,
    Column("release_link_pk", Integer, primary_key=True),
    Column("item_pk", ForeignKey("feedback_item.item_pk"), nullable=False),
    Column("basis", String(20), nullable=False),
    Column("release_pk", ForeignKey("release.release_pk")),
    Column("probability", Float, nullable=False),
    Index("ix_release_link_item_basis", "item_pk", "basis"),
)

release_mention = Table(
    "release_mention",
    metadata,
    Column("release_pk", ForeignKey("release.release_pk"), primary_key=True),
    Column("item_pk", ForeignKey("feedback_item.item_pk"), primary_key=True),
    Column("similarity", Float, nullable=False),
)

triage_report = Table(
    "triage_report",
    metadata,
    Column("triage_report_pk", Integer, primary_key=True),
    Column("as_of", UtcDateTime, nullable=False),
    Column("period_start", UtcDateTime, nullable=False),
    Column("period_end", UtcDateTime, nullable=False),
    Column("html_sha256", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("as_of", "html_sha256"),
)

pipeline_run = Table(
    "pipeline_run",
    metadata,
    Column("pipeline_run_pk", Integer, primary_key=True),
    Column("stage", String(40), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("counts", Text, nullable=False),
)
