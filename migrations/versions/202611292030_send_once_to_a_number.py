"""send once to a number

What an SMS is sent to is known by a keyed index from its first call, and once in a sending: a number and the person who
has it, or two who share one, are one telephone. Those sent before stay without.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c41f7a92e05d"
down_revision = "a6d03e81f7b4"
branch_labels = None
depends_on = None

KNOWN = "'UGYLDIG_NUMMER', 'UTEN_NUMMER_I_KRR', 'AVVIST_AV_LEVERANDOR', 'UTLOPT'"
ADDED = "'SAMME_NUMMER'"


def upgrade() -> None:
    op.add_column("sms", sa.Column("nummer_indeks", sa.LargeBinary(), nullable=True))
    op.create_index(
        "uq_sms_nummer",
        "sms",
        ["utsendelse_id", "nummer_indeks"],
        unique=True,
        postgresql_where=sa.text("nummer_indeks IS NOT NULL"),
    )
    _allow(f"{KNOWN}, {ADDED}")


def downgrade() -> None:
    op.execute(f"UPDATE sms SET grunn = 'AVVIST_AV_LEVERANDOR' WHERE grunn = {ADDED}")
    _allow(KNOWN)
    op.drop_index("uq_sms_nummer", table_name="sms")
    op.drop_column("sms", "nummer_indeks")


def _allow(reasons: str) -> None:
    name = op.f("ck_sms_grunn")
    op.drop_constraint(name, "sms")
    op.create_check_constraint(name, "sms", f"grunn IS NULL OR grunn IN ({reasons})")
