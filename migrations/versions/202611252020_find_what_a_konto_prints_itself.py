"""find what a konto prints itself"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e5a4c17b9d20"
down_revision = "b7c3f50d1a92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_forsendelse_print_konto",
        "forsendelse",
        ["konto_id", "overlevert", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'SENDT_PRINT'"),
    )


def downgrade() -> None:
    op.drop_index("ix_forsendelse_print_konto", table_name="forsendelse")
