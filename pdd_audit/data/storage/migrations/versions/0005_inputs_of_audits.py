"""What a saved audit was computed from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audits", sa.Column("inputs", sa.Text))
    op.add_column("audits", sa.Column("template", sa.String(64)))
    op.create_table(
        "templates",
        sa.Column("shop_id", sa.String(32), sa.ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("templates")
    op.drop_column("audits", "template")
    op.drop_column("audits", "inputs")
