"""keep the request of work

Lines about what a worker takes up tell the request that ordered it: work on mailings, what citizens send, SMS and
e-mails.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3f9d1a60c7b8"
down_revision = "7c2be4f60d18"
branch_labels = None
depends_on = None

TABLES = ("arbeidsdel", "edialog_skjema", "smsutsendelse", "epost")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("request_id", sa.Text(), nullable=True))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "request_id")
