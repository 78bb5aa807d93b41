"""find the newest letters of a konto"""

from __future__ import annotations

from alembic import op

revision = "c93e5d7a1f48"
down_revision = "b7d20f6a91e3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_forsendelse_logg", "forsendelse", ["konto_id", "opprettet", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_forsendelse_logg", table_name="forsendelse")
