"""receive letters by hand, and warn of certificates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a3d95b7e104c"
down_revision = "f61d0c8b72ae"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mottakersystem", sa.Column("sertifikat_varslet", sa.Integer(), nullable=True))
    op.add_column("svarinn_mottak", sa.Column("tildelt_person_id", sa.Uuid(), nullable=True))
    op.add_column("svarinn_mottak", sa.Column("tildelt_enhet", sa.Text(), nullable=True))
    op.add_column("svarinn_mottak", sa.Column("notat_kryptert", sa.LargeBinary(), nullable=True))
    op.create_foreign_key(
        op.f("fk_svarinn_mottak_tildelt_person_id"),
        "svarinn_mottak",
        "person",
        ["tildelt_person_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_svarinn_mottak_en_tildelt"),
        "svarinn_mottak",
        "tildelt_person_id IS NULL OR tildelt_enhet IS NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_svarinn_mottak_en_tildelt"), "svarinn_mottak")
    op.drop_constraint(op.f("fk_svarinn_mottak_tildelt_person_id"), "svarinn_mottak")
    for column in ("notat_kryptert", "tildelt_enhet", "tildelt_person_id"):
        op.drop_column("svarinn_mottak", column)
    op.drop_column("mottakersystem", "sertifikat_varslet")
