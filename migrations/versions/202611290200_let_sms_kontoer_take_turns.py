"""let sms kontoer take turns

An SMS knows its konto, so that one that is due can be found for each konto. Those taken in before stay without, and each
sending of them has a turn of its own.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b8e25d7f4a13"
down_revision = "3f9d1a60c7b8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sms", sa.Column("konto_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_sms_tur",
        "sms",
        [sa.text("coalesce(konto_id, utsendelse_id)"), "neste_forsok", "id"],
        postgresql_where=sa.text("status = 'OPPRETTET'"),
    )


def downgrade() -> None:
    op.drop_index("ix_sms_tur", table_name="sms")
    op.drop_column("sms", "konto_id")
