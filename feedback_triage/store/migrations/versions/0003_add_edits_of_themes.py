"""Add people's edits of themes, and what readers see of a theme beside what the machine found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add people's edits of themes, and what readers see of a theme beside what the machine found."""
    op.create_table(
        "theme_edit",
        sa.Column("edit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("theme_id", sa.String(length=40), nullable=False),
        sa.Column("edited_by", sa.String(length=200), nullable=False),
        sa.Column("edited_at", sa.DateTime(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=""),
        sa.Column("into_theme_id", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("new_theme_id", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("item_ids", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("origins", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("edit_id", name=op.f("pk_theme_edit")),
        sa.ForeignKeyConstraint(["undoes"], ["theme_edit.edit_id"], name=op.f("fk_theme_edit_undoes_theme_edit")),
    )
    for column in (
        sa.Column("found_name", sa.String(length=400), nullable=False, server_default=""),
        sa.Column("is_hidden", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("keyphrases", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("exemplar_item_ids", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("area", sa.String(length=400), nullable=False, server_default=""),
    ):
        op.add_column("theme", column)
    op.add_column("cluster", sa.Column("least_cosine", sa.Float(), nullable=False, server_default="1"))
    op.add_column("clustering", sa.Column("themes_sha256", sa.String(length=64), nullable=False, server_default=""))
    # What the last clustering said of a theme is what readers see, as long as nobody edits it.
    op.execute("UPDATE theme SET found_name = name")
    op.execute(
        "UPDATE theme SET keyphrases = cluster.keyphrases, exemplar_item_ids = cluster.exemplar_item_ids, "
        "size = cluster.size FROM cluster WHERE cluster.theme_id = theme.theme_id "
        "AND cluster.clustering_pk = (SELECT max(clustering_pk) FROM clustering)"
    )
