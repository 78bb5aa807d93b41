"""configure eDialog"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "8b1f6d30c5e2"
down_revision = "c41d7e9a2b60"
branch_labels = None
depends_on = None

LEVERANDORER = "printleverandor IN ('MANUELL_PRINT', 'GRAFISK_DIGITAL')"


def upgrade() -> None:
    op.execute(
        "INSERT INTO privilegium (ressurs_type, navn, aktorer) VALUES"
        " ('SVARUT', 'EDIALOG.KONFIGURERE', '{PERSON,INTEGRASJON}'),"
        " ('SVARUT_KONTO', 'EDIALOG.KONFIGURERE', '{PERSON,INTEGRASJON}')"
    )
    op.add_column("edialog_mottaker", sa.Column("printleverandor", sa.Text(), nullable=True))
    op.execute(
        "UPDATE edialog_mottaker m SET printleverandor = k.printleverandor FROM konto k WHERE k.id = m.konto_id"
    )
    op.alter_column("edialog_mottaker", "printleverandor", nullable=False)
    op.create_check_constraint(op.f("ck_edialog_mottaker_printleverandor"), "edialog_mottaker", LEVERANDORER)
    op.add_column("forsendelse", sa.Column("printleverandor", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_forsendelse_printleverandor"), "forsendelse", LEVERANDORER)


def downgrade() -> None:
    op.drop_column("forsendelse", "printleverandor")
    op.drop_column("edialog_mottaker", "printleverandor")
    op.execute("DELETE FROM tilgang WHERE privilegium = 'EDIALOG.KONFIGURERE'")
    op.execute("DELETE FROM privilegium WHERE navn = 'EDIALOG.KONFIGURERE'")
