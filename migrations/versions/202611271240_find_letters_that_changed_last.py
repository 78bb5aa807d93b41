"""find letters that changed last

The rules are asked each minute of the letters that changed last. Without the index that read every letter of the
mailings under way.
"""

from __future__ import annotations

from alembic import op

revision = "e1c50b7a94d2"
down_revision = "5f0a83d1c7e4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_forsendelse_status_endret", "forsendelse", ["status_endret"])


def downgrade() -> None:
    op.drop_index("ix_forsendelse_status_endret", table_name="forsendelse")
