"""know whose login a session is, so that the provider can end all of that person's"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "c8e41f7a60d2"
down_revision = "f6c3e902bd53"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sesjon", sa.Column("idporten_sub_indeks", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_sesjon_idporten_sub_indeks",
        "sesjon",
        ["idporten_sub_indeks"],
        postgresql_where=sa.text("avsluttet IS NULL"),
    )
    op.create_index(
        "ix_sesjon_person_id", "sesjon", ["person_id"], postgresql_where=sa.text("avsluttet IS NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_sesjon_person_id", "sesjon")
    op.drop_index("ix_sesjon_idporten_sub_indeks", "sesjon")
    op.drop_column("sesjon", "idporten_sub_indeks")
