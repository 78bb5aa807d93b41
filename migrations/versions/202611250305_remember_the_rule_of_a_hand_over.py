"""remember the rule of a hand-over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7d1e5a03c62"
down_revision = "8c2e6b1f94d7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("levering", sa.Column("kanalregel", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("levering", "kanalregel")
