"""write e-mail"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a4d2b81f6e35"
down_revision = "e5a17c3d90b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "epost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nokkel", sa.Text(), nullable=False),
        sa.Column("mal", sa.Text(), nullable=False),
        sa.Column("sprak", sa.Text(), nullable=False),
        sa.Column("til_kryptert", sa.LargeBinary(), nullable=False),
        sa.Column("til_indeks", sa.LargeBinary(), nullable=False),
        sa.Column("verdier", postgresql.JSONB(), nullable=False),
        sa.Column("status", sa.Text(), server_default="KLAR", nullable=False),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "neste_forsok", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("avsluttet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "mal IN ('SVARINN_ADVARSEL', 'SVARINN_SERTIFIKAT', 'EDIALOG_KVITTERING')",
            name=op.f("ck_epost_mal"),
        ),
        sa.CheckConstraint("sprak IN ('nb', 'nn')", name=op.f("ck_epost_sprak")),
        sa.CheckConstraint("status IN ('KLAR', 'SENDT', 'FEILET')", name=op.f("ck_epost_status")),
        sa.CheckConstraint("(status = 'KLAR') = (avsluttet IS NULL)", name=op.f("ck_epost_avsluttet")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epost")),
        sa.UniqueConstraint("nokkel", "til_indeks", name=op.f("uq_epost_nokkel_til_indeks")),
    )
    op.create_index(
        "ix_epost_klar",
        "epost",
        ["neste_forsok", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'KLAR'"),
    )
    op.create_index(
        "ix_epost_avsluttet",
        "epost",
        ["avsluttet"],
        unique=False,
        postgresql_where=sa.text("avsluttet IS NOT NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON epost TO fiks_app")


def downgrade() -> None:
    op.drop_table("epost")
