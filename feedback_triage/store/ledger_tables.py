"""The tables of what came after releases: silence windows, incidents, suspects, and fixes that are watched."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, String, Table, Text, false

from feedback_triage.store.tables import UtcDateTime, metadata

silence_window = Table(
    "silence_window",
    metadata,
    Column("release_pk", ForeignKey("release.release_pk"), primary_key=True),
    Column("subject", String(220), primary_key=True),
    Column("start_at", UtcDateTime, nullable=False),
    Column("end_at", UtcDateTime, primary_key=True),
    Column("expected_count", Float, nullable=False),
    Column("lower", Integer, nullable=False),
    Column("upper", Integer, nullable=False),
    Column("observed_count", Integer, nullable=False),
    Column("status", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Column("could_hide_ratio", Float),
)

incident = Table(
    "incident",
    metadata,
    Column("incident_id", String(500), primary_key=True),
    Column("scope", String(220), nullable=False),
    Column("also_in", Text, nullable=False, server_default="[]"),
    Column("product", Text, nullable=False, server_default=""),
    Column("platform", Text, nullable=False, server_default=""),
    Column("started_at", UtcDateTime, nullable=False),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("observed_count", Integer, nullable=False),
    Column("expected_count", Float, nullable=False),
    Column("upper", Integer, nullable=False),
    Column("n_items_until_raised", Integer, nullable=False),
    Column("reason", Text, nullable=False),
)

incident_item = Table(
    "incident_item",
    metadata,
    Column("incident_id", ForeignKey("incident.incident_id"), primary_key=True),
    Column("item_pk", ForeignKey("feedback_item.item_pk"), primary_key=True),
)

suspect = Table(
    "suspect",
    metadata,
    Column("subject_kind", String(20), primary_key=True),
    Column("subject_id", String(500), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("release_pk", ForeignKey("release.release_pk")),
    Column("probability", Float, nullable=False),
    Column("reason", Text, nullable=False),
)

theme_fix = Table(
    "theme_fix",
    metadata,
    Column("theme_id", String(40), primary_key=True),
    Column("release_pk", ForeignKey("release.release_pk"), primary_key=True),
    Column("settled_by", String(200), nullable=False),
    Column("settled_at", UtcDateTime, nullable=False),
    Column("is_withdrawn", Boolean, nullable=False, server_default=false()),
)

fix_receipt = Table(
    "fix_receipt",
    metadata,
    Column("theme_id", String(40), primary_key=True),
    Column("release_pk", ForeignKey("release.release_pk"), primary_key=True),
    Column("settled_by", String(200), nullable=False),
    Column("status", String(20), nullable=False),
    Column("n_before", Integer, nullable=False),
    Column("hours_before", Float, nullable=False),
    Column("n_after", Integer, nullable=False),
    Column("hours_after", Float, nullable=False),
    Column("expected_count", Float, nullable=False),
    Column("lower", Integer, nullable=False),
    Column("upper", Integer, nullable=False),
    Column("needs_days", Float),
    Column("needs_users", Integer),
    Column("moved_to_theme_id", String(40), nullable=False, server_default=""),
    Column("reason", Text, nullable=False),
)

exposure = Table(
    "exposure",
    metadata,
    Column("product", String(200), primary_key=True),
    Column("platform", String(200), primary_key=True),
    Column("start_at", UtcDateTime, primary_key=True),
    Column("active_count", Float, nullable=False),
)
