"""bar all who prepared

Letters that are made again with another date have one more who prepared them, and whoever did before is still barred
from approving them (ADR 0038). Of mailings that are not released their history tells who that is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "7d1c94e0b3a6"
down_revision = "5b83e0d2c6f1"
branch_labels = None
depends_on = None

TAKE_OVER = """
UPDATE utsending u SET klargjort_tidligere = array_remove(e.personer, u.godkjent_av)
FROM (
    SELECT h.utsending_id, array_agg(DISTINCT p.id) AS personer
    FROM utsendingshendelse h JOIN person p ON p.id::text = h.aktor
    WHERE h.til = 'PRODUSERES' AND NOT EXISTS (
        SELECT FROM utsendingshendelse k
        WHERE k.utsending_id = h.utsending_id AND k.til = 'KONTROLLERT' AND k.lopenr > h.lopenr
    )
    GROUP BY h.utsending_id
) e
WHERE e.utsending_id = u.id AND u.status IN ('PRODUSERES', 'TIL_GODKJENNING', 'GODKJENT')
"""


def upgrade() -> None:
    op.add_column(
        "utsending",
        sa.Column("klargjort_tidligere", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
    )
    op.execute(TAKE_OVER)
    op.create_check_constraint(
        op.f("ck_utsending_to_personer_hele_veien"),
        "utsending",
        "godkjent_av IS NULL OR godkjent_av <> ALL (klargjort_tidligere)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_utsending_to_personer_hele_veien"), "utsending")
    op.drop_column("utsending", "klargjort_tidligere")
