"""have letters signed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "e5a17c3d90b4"
down_revision = "c93e5d7a1f48"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signeringsoppdrag", sa.Column("signert", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "signeringsoppdrag",
        sa.Column(
            "neste_forsok", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.add_column(
        "signeringsoppdrag", sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "ix_signeringsoppdrag_registreres",
        "signeringsoppdrag",
        ["neste_forsok"],
        unique=False,
        postgresql_where=sa.text("status = 'VENTER_SIGNERING' AND referanse IS NULL AND signert IS NULL"),
    )
    op.create_index(
        "ix_signeringsoppdrag_hentes",
        "signeringsoppdrag",
        ["neste_forsok"],
        unique=False,
        postgresql_where=sa.text("status IN ('VENTER_SIGNERING', 'UTLOPT') AND signert IS NOT NULL"),
    )
    op.create_index(
        "ix_signeringsoppdrag_utloper",
        "signeringsoppdrag",
        ["utloper"],
        unique=False,
        postgresql_where=sa.text("status = 'VENTER_SIGNERING'"),
    )


def downgrade() -> None:
    op.drop_index("ix_signeringsoppdrag_utloper", table_name="signeringsoppdrag")
    op.drop_index("ix_signeringsoppdrag_hentes", table_name="signeringsoppdrag")
    op.drop_index("ix_signeringsoppdrag_registreres", table_name="signeringsoppdrag")
    op.drop_column("signeringsoppdrag", "forsok")
    op.drop_column("signeringsoppdrag", "neste_forsok")
    op.drop_column("signeringsoppdrag", "signert")
