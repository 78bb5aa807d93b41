"""find letters that wait

Those that wait for a paused channel are asked for every other second, by what they wait for.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "7c2be4f60d18"
down_revision = "e1c50b7a94d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_levering_venter",
        "levering",
        ["feilkode", "neste_forsok"],
        postgresql_where=sa.text("status = 'VENTER'"),
    )


def downgrade() -> None:
    op.drop_index("ix_levering_venter", table_name="levering")
