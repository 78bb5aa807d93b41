"""say what a reason is for

A reason to send again is given for the earlier mailings that were shown, and covers no other. One that was given before
is for what had been released when its mailing's control was confirmed, as it was taken for then.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c83f5a2d71e9"
down_revision = "7d1c94e0b3a6"
branch_labels = None
depends_on = None

TAKE_OVER = """
UPDATE utsending u SET overstyrt_for = ARRAY(
    SELECT e.id FROM utsending e
    WHERE e.konto_id = u.konto_id AND e.id <> u.id AND e.frigis_tid IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM utsendingshendelse f
        WHERE f.utsending_id = e.id AND f.til = 'FRIGITT' AND f.tid > (
            SELECT max(k.tid) FROM utsendingshendelse k WHERE k.utsending_id = u.id AND k.til = 'KONTROLLERT'
        )
    )
)
WHERE u.overstyrt_grunn IS NOT NULL
AND u.status IN ('UTKAST', 'KONTROLLERT', 'PRODUSERES', 'TIL_GODKJENNING', 'GODKJENT')
"""


def upgrade() -> None:
    op.add_column(
        "utsending",
        sa.Column("overstyrt_for", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )
    op.execute(TAKE_OVER)


def downgrade() -> None:
    op.drop_column("utsending", "overstyrt_for")
