"""remember when receivers were asked about"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "9b3e6f04d1c8"
down_revision = "4d6b81f0c27a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("printpakke", sa.Column("spurt", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("printpakke", "spurt")
