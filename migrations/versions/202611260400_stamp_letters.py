"""stamp letters"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8b1f6c2d9e05"
down_revision = "5d2a90c7e413"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("malversjon", sa.Column("hurtig", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("malversjon", "hurtig")
