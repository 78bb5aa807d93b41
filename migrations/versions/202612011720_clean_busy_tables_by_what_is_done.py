"""clean busy tables by what is done in them

Of a table with years of rows a fifth is months of work, or a whole February night: until it has been vacuumed a claim walks
by every entry of what was done before. With forty million rows the next vacuum now comes after two hundred thousand, and in
a small house after ten thousand.
"""

from __future__ import annotations

from alembic import op

revision = "d94f03a6b8e1"
down_revision = "e60a1f8d35b7"
branch_labels = None
depends_on = None

TABLES = ("levering", "arbeidsdel", "printordre", "printpakke")
SETTINGS = "autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 10000"


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} SET ({SETTINGS})")
    op.execute("ALTER TABLE forsendelse SET (autovacuum_vacuum_scale_factor = 0.02)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")
    op.execute("ALTER TABLE forsendelse RESET (autovacuum_vacuum_scale_factor)")
