"""Add whether a person took a release off the list."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add whether a person took a release off the list."""
    op.add_column("release", sa.Column("is_removed", sa.Boolean(), nullable=False, server_default=sa.false()))
