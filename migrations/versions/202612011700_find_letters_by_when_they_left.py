"""find letters by when they left

Letters a minute, a konto's last fortnight and a year's numbers are found by when a letter was handed over, what a channel
never confirmed and the house's own that reached nobody by indexes of their own: none of them reads more when there are
more years of letters.
"""

from __future__ import annotations

from sqlalchemy import text

from migrations.large import create_index, drop_index

revision = "5d1c7ab94e20"
down_revision = "9b3e6f04d1c8"
branch_labels = None
depends_on = None

HANDED_OVER = "overlevert IS NOT NULL"
UNCONFIRMED = "status IN ('SENDT_ALTINN', 'SENDT_SDP')"
LOST = (
    "opphav IN ('EDIALOG', 'SIGNERING')"
    " AND status IN ('AVVIST', 'FEILET_UNDER_MOTTAK', 'IKKE_LEVERT', 'MANUELT_HANDTERT')"
)


def upgrade() -> None:
    create_index(
        "ix_forsendelse_overlevert_tid", "forsendelse", ["overlevert"], postgresql_where=text(HANDED_OVER)
    )
    create_index(
        "ix_forsendelse_konto_overlevert",
        "forsendelse",
        ["konto_id", "overlevert"],
        postgresql_where=text(HANDED_OVER),
    )
    create_index(
        "ix_forsendelse_ubekreftet",
        "forsendelse",
        ["status", "overlevert"],
        postgresql_where=text(UNCONFIRMED),
    )
    create_index(
        "ix_forsendelse_egne_tapte", "forsendelse", ["opphav", "status_endret"], postgresql_where=text(LOST)
    )


def downgrade() -> None:
    drop_index("ix_forsendelse_overlevert_tid", "forsendelse")
    drop_index("ix_forsendelse_konto_overlevert", "forsendelse")
    drop_index("ix_forsendelse_ubekreftet", "forsendelse")
    drop_index("ix_forsendelse_egne_tapte", "forsendelse")
