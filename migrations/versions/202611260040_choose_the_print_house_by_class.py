"""choose the print house by class"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e7b3f1c85d92"
down_revision = "8b3f5d1c6e92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "printleverandor",
        sa.Column("prioritet", sa.Integer(), server_default=sa.text("100"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_printleverandor_prioritet"), "printleverandor", "prioritet BETWEEN 1 AND 1000"
    )
    op.create_index(
        "ix_printordre_ko",
        "printordre",
        ["ressurs_id", "leverandor"],
        unique=False,
        postgresql_where=sa.text("status = 'MOTTATT' AND pakke_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_printordre_ko", table_name="printordre")
    op.drop_constraint(op.f("ck_printleverandor_prioritet"), "printleverandor", type_="check")
    op.drop_column("printleverandor", "prioritet")
