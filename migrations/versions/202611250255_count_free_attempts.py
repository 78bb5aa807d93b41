"""count free attempts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8c2e6b1f94d7"
down_revision = "4f1d0c7a52b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "levering", sa.Column("frie_forsok", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("levering", "frie_forsok")
