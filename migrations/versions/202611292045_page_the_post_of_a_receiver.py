"""page the post of a receiver

«Post fra kommunen» reads a receiver's newest letters by this index. An organisation may have a hundred thousand.
"""

from __future__ import annotations

from alembic import op

revision = "5b83e0d2c6f1"
down_revision = "c41f7a92e05d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_forsendelse_innboks", "forsendelse", ["mottaker_indeks", "opprettet", "id"])


def downgrade() -> None:
    op.drop_index("ix_forsendelse_innboks", table_name="forsendelse")
