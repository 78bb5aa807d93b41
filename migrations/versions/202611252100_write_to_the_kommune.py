"""write to the kommune"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d5e0a1c97f34"
down_revision = "3d8e0b6f42a7"
branch_labels = None
depends_on = None

STATUSES = "'IKKE_INNSENDT', 'UNDER_INNSENDING', 'INNSENDING_FEILET', 'INNSENDT'"
MAILS = "'SVARINN_ADVARSEL', 'SVARINN_SERTIFIKAT', 'EDIALOG_KVITTERING'"
NOW = sa.text("now()")


def upgrade() -> None:
    _make_mottaker()
    _make_skjema()
    _make_parts()
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON edialog_mottaker, edialog_skjema, edialog_fil, edialog_hendelse"
        " TO fiks_app"
    )
    _allow_mails(f"{MAILS}, 'EDIALOG_FEILET'")


def _allow_mails(mails: str) -> None:
    op.drop_constraint(op.f("ck_epost_mal"), "epost")
    op.create_check_constraint(op.f("ck_epost_mal"), "epost", f"mal IN ({mails})")


def _make_mottaker() -> None:
    op.create_table(
        "edialog_mottaker",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("short_id", sa.Text(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("orgnr", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("adresselinje1", sa.Text(), nullable=False),
        sa.Column("adresselinje2", sa.Text(), server_default="", nullable=False),
        sa.Column("adresselinje3", sa.Text(), server_default="", nullable=False),
        sa.Column("postnr", sa.Text(), nullable=False),
        sa.Column("poststed", sa.Text(), nullable=False),
        sa.Column("aktiv", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("short_id ~ '^[A-Z]{4}$'", name=op.f("ck_edialog_mottaker_short_id")),
        sa.CheckConstraint("orgnr ~ '^[0-9]{9}$'", name=op.f("ck_edialog_mottaker_orgnr")),
        sa.CheckConstraint("postnr ~ '^[0-9]{4}$'", name=op.f("ck_edialog_mottaker_postnr")),
        sa.CheckConstraint("char_length(navn) BETWEEN 1 AND 60", name=op.f("ck_edialog_mottaker_navn")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_edialog_mottaker_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_edialog_mottaker_konto_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edialog_mottaker")),
        sa.UniqueConstraint("short_id", name=op.f("uq_edialog_mottaker_short_id")),
        sa.UniqueConstraint("konto_id", name=op.f("uq_edialog_mottaker_konto_id")),
        sa.UniqueConstraint("orgnr", name=op.f("uq_edialog_mottaker_orgnr")),
    )
    op.create_index("ix_edialog_mottaker_organisasjon_id", "edialog_mottaker", ["organisasjon_id"])


def _make_skjema() -> None:
    op.create_table(
        "edialog_skjema",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("eier_indeks", sa.LargeBinary(), nullable=False),
        sa.Column("mottaker_id", sa.Uuid(), nullable=True),
        sa.Column("svar_pa_id", sa.Uuid(), nullable=True),
        sa.Column("konto_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), server_default="IKKE_INNSENDT", nullable=False),
        sa.Column("sensitivt", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("spraak", sa.Text(), server_default="nb", nullable=False),
        sa.Column("innhold_kryptert", sa.LargeBinary(), nullable=False),
        sa.Column("forsendelse_id", sa.Uuid(), nullable=True),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neste_forsok", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("innsendt", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_edialog_skjema_status")),
        sa.CheckConstraint(
            "(mottaker_id IS NULL) <> (svar_pa_id IS NULL)", name=op.f("ck_edialog_skjema_maal")
        ),
        sa.CheckConstraint(
            "(status = 'INNSENDT') = (forsendelse_id IS NOT NULL)",
            name=op.f("ck_edialog_skjema_forsendelse"),
        ),
        sa.CheckConstraint(
            "(status = 'INNSENDING_FEILET') = (feilkode IS NOT NULL)",
            name=op.f("ck_edialog_skjema_feilkode"),
        ),
        sa.CheckConstraint("spraak IN ('nb', 'nn')", name=op.f("ck_edialog_skjema_spraak")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_edialog_skjema_person_id")),
        sa.ForeignKeyConstraint(
            ["mottaker_id"], ["edialog_mottaker.id"], name=op.f("fk_edialog_skjema_mottaker_id")
        ),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_edialog_skjema_konto_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edialog_skjema")),
        sa.UniqueConstraint("forsendelse_id", name=op.f("uq_edialog_skjema_forsendelse_id")),
    )
    own = ["person_id", "eier_indeks", "opprettet", "id"]
    op.create_index("ix_edialog_skjema_eier", "edialog_skjema", own)
    op.create_index("ix_edialog_skjema_endret", "edialog_skjema", ["endret"])
    op.create_index(
        "ix_edialog_skjema_sendes",
        "edialog_skjema",
        ["neste_forsok", "id"],
        postgresql_where=sa.text("status = 'UNDER_INNSENDING'"),
    )


def _make_parts() -> None:
    op.create_table(
        "edialog_fil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("skjema_id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("filnavn", sa.Text(), nullable=False),
        sa.Column("storrelse", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("objekt", sa.Text(), nullable=False),
        sa.Column("nokkel", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["skjema_id"], ["edialog_skjema.id"], name=op.f("fk_edialog_fil_skjema_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edialog_fil")),
        sa.UniqueConstraint("skjema_id", "nr", name=op.f("uq_edialog_fil_skjema_id_nr")),
    )
    op.create_index("ix_edialog_fil_objekt", "edialog_fil", ["objekt"])
    op.create_table(
        "edialog_hendelse",
        sa.Column("skjema_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("fra", sa.Text(), nullable=True),
        sa.Column("til", sa.Text(), nullable=False),
        sa.Column("kode", sa.Text(), nullable=False),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column(
            "tid", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["skjema_id"],
            ["edialog_skjema.id"],
            name=op.f("fk_edialog_hendelse_skjema_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("skjema_id", "lopenr", name=op.f("pk_edialog_hendelse")),
    )


def downgrade() -> None:
    for table in ("edialog_hendelse", "edialog_fil", "edialog_skjema", "edialog_mottaker"):
        op.drop_table(table)
    op.execute("DELETE FROM epost WHERE mal = 'EDIALOG_FEILET'")
    _allow_mails(MAILS)
