"""Mappings by hand: which headers of a shop's own files feed which columns."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mappings",
        sa.Column("shop_id", sa.String(32), sa.ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("mapped_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("mappings")
