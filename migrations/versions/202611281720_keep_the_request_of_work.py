"""keep the request of work

Lines about a piece of work on a mailing tell the request that ordered it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3f9d1a60c7b8"
down_revision = "7c2be4f60d18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("arbeidsdel", sa.Column("request_id", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("arbeidsdel", "request_id")
