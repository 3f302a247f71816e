"""Who changed what and when, each row chained to the one before; and what teams say in their reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_rows",
        sa.Column("shop_id", sa.String(32), sa.ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(20), nullable=False),
        sa.Column("who", sa.String(60), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("about", sa.String(100), nullable=False),
        sa.Column("before", sa.String(64), nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TRIGGER log_rows_stay BEFORE UPDATE ON log_rows BEGIN SELECT RAISE(ABORT, 'the log is never edited'); END")
        op.execute(
            "CREATE TRIGGER log_rows_are_kept BEFORE DELETE ON log_rows WHEN EXISTS (SELECT 1 FROM shops WHERE id = OLD.shop_id) "
            "BEGIN SELECT RAISE(ABORT, 'the log goes only with its shop'); END"
        )
    else:
        op.execute(
            "CREATE FUNCTION log_rows_stay() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the log is never edited'; END $$"
        )
        op.execute(
            "CREATE FUNCTION log_rows_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF EXISTS (SELECT 1 FROM shops WHERE id = OLD.shop_id) THEN RAISE EXCEPTION 'the log goes only with its shop'; END IF; "
            "RETURN OLD; END $$"
        )
        op.execute("CREATE TRIGGER log_rows_stay BEFORE UPDATE ON log_rows FOR EACH ROW EXECUTE FUNCTION log_rows_stay()")
        op.execute("CREATE TRIGGER log_rows_are_kept BEFORE DELETE ON log_rows FOR EACH ROW EXECUTE FUNCTION log_rows_are_kept()")
    op.create_table(
        "round_words",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("shop_id", sa.String(32), sa.ForeignKey("shops.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("round_words")
    op.drop_table("log_rows")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION log_rows_stay()")
        op.execute("DROP FUNCTION log_rows_are_kept()")
