"""forget what nobody asks of signing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9b1f64c20e7d"
down_revision = "a4d2b81f6e35"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("signeringsoppdrag", "svar_id")
    op.drop_column("signeringsoppdrag", "endret")


def downgrade() -> None:
    op.add_column(
        "signeringsoppdrag",
        sa.Column("endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.add_column("signeringsoppdrag", sa.Column("svar_id", sa.Uuid(), nullable=True))
