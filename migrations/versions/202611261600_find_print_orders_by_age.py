"""find print orders by age"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c47d19e0b2a6"
down_revision = "8b1f6c2d9e05"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_printordre_opprettet", "printordre", ["opprettet"])
    op.create_index(
        "ix_printordre_mottatt",
        "printordre",
        ["leverandor", "opprettet"],
        postgresql_where=sa.text("status = 'MOTTATT'"),
    )


def downgrade() -> None:
    op.drop_index("ix_printordre_mottatt", table_name="printordre")
    op.drop_index("ix_printordre_opprettet", table_name="printordre")
