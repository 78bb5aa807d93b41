"""know encrypted letters by size

`forsendelse.avtrykk` stays the digest of the bytes, which releases before this one compare.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "4d6b81f0c27a"
down_revision = "e19b40c7d852"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kryptert_avtrykk",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("avtrykk", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_kryptert_avtrykk_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", name=op.f("pk_kryptert_avtrykk")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON kryptert_avtrykk TO fiks_app")


def downgrade() -> None:
    op.drop_table("kryptert_avtrykk")
