"""see how it goes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5d1c8e7f2a93"
down_revision = "e7b3f1c85d92"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Letters are handed over about in the order they lie in the table, so an index of ranges is enough, and costs little.
    op.create_index(
        "ix_forsendelse_overlevert", "forsendelse", ["overlevert"], unique=False, postgresql_using="brin"
    )
    op.create_table(
        "kanalavvik",
        sa.Column("kanal", sa.Text(), nullable=False),
        sa.Column("referanse", sa.Text(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("funnet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("art IN ('UKJENT_HOS_OSS', 'UKJENT_HOS_DEM')", name=op.f("ck_kanalavvik_art")),
        sa.PrimaryKeyConstraint("kanal", "referanse", "art", name=op.f("pk_kanalavvik")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON kanalavvik TO fiks_app")


def downgrade() -> None:
    op.drop_table("kanalavvik")
    op.drop_index("ix_forsendelse_overlevert", "forsendelse")
