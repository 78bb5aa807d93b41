"""keep early receipts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "4f1d0c7a52b6"
down_revision = "c8b0d22f3a9e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tidlig_kvittering",
        sa.Column("levering_id", sa.Uuid(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("kanal", sa.Text(), nullable=False),
        sa.Column("tidspunkt", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detaljer", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["levering_id"], ["levering.id"], name="fk_tidlig_kvittering_levering_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("levering_id", "art", name="pk_tidlig_kvittering"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON tidlig_kvittering TO fiks_app")


def downgrade() -> None:
    op.drop_table("tidlig_kvittering")
