"""send SMS"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7c3f50d1a92"
down_revision = "9b1f64c20e7d"
branch_labels = None
depends_on = None

STATUSES = "'OPPRETTET', 'SENDER', 'SENDT', 'IKKE_SENDT', 'LEVERT', 'IKKE_LEVERT', 'UKJENT'"
REASONS = "'UGYLDIG_NUMMER', 'UTEN_NUMMER_I_KRR', 'AVVIST_AV_LEVERANDOR', 'UTLOPT'"
NOW = sa.text("now()")


def upgrade() -> None:
    op.execute(
        "INSERT INTO privilegium (ressurs_type, navn, aktorer) VALUES ('VARSLING', 'ADMIN', '{PERSON}'),"
        " ('SMS_KONTO', 'ADMIN', '{PERSON}'), ('SMS_KONTO', 'VARSLING.SMS_SENDE', '{PERSON,INTEGRASJON}')"
    )
    op.execute(
        "INSERT INTO tjeneste (kode, ressurs_type, tilgjengelig_for) VALUES ('VARSLING', 'VARSLING',"
        " '{FYLKESKOMMUNE,KOMMUNAL_VIRKSOMHET,KOMMUNE,STATLIG_VIRKSOMHET}')"
    )
    _make_kontoer()
    _make_sendings()
    _make_sms()
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON smskonto, smsutsendelse, sms, smshendelse TO fiks_app"
    )


def _make_kontoer() -> None:
    op.create_table(
        "smskonto",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("visningsnavn", sa.Text(), nullable=False),
        sa.Column("avsender", sa.Text(), nullable=False),
        sa.Column("aktivert", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("avsender ~ '^[A-Za-z0-9 ]{1,11}$'", name=op.f("ck_smskonto_avsender")),
        sa.ForeignKeyConstraint(["id"], ["ressurs.id"], name=op.f("fk_smskonto_id")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_smskonto_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smskonto")),
    )
    op.create_index("ix_smskonto_organisasjon_id", "smskonto", ["organisasjon_id"])


def _make_sendings() -> None:
    op.create_table(
        "smsutsendelse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("tekst_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("koding", sa.Text(), nullable=False),
        sa.Column("deler", sa.Integer(), nullable=False),
        sa.Column("antall", sa.Integer(), nullable=False),
        sa.Column("nokkel", sa.Text(), nullable=True),
        sa.Column("avtrykk", sa.LargeBinary(), nullable=False),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("koding IN ('GSM7', 'UCS2')", name=op.f("ck_smsutsendelse_koding")),
        sa.CheckConstraint("antall BETWEEN 1 AND 1000", name=op.f("ck_smsutsendelse_antall")),
        sa.ForeignKeyConstraint(["konto_id"], ["smskonto.id"], name=op.f("fk_smsutsendelse_konto_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_smsutsendelse")),
        sa.UniqueConstraint("konto_id", "nokkel", name=op.f("uq_smsutsendelse_konto_id_nokkel")),
    )
    op.create_index("ix_smsutsendelse_konto", "smsutsendelse", ["konto_id", "opprettet", "id"])
    op.create_index(
        "ix_smsutsendelse_innhold",
        "smsutsendelse",
        ["opprettet"],
        postgresql_where=sa.text("tekst_kryptert IS NOT NULL"),
    )


def _make_sms() -> None:
    op.create_table(
        "sms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("utsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("til_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("til_indeks", sa.LargeBinary(), nullable=False),
        sa.Column("er_fnr", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("status", sa.Text(), server_default="OPPRETTET", nullable=False),
        sa.Column("grunn", sa.Text(), nullable=True),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("neste_forsok", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("kall_startet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leverandor_ref", sa.Text(), nullable=True),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(f"status IN ({STATUSES})", name=op.f("ck_sms_status")),
        sa.CheckConstraint(f"grunn IS NULL OR grunn IN ({REASONS})", name=op.f("ck_sms_grunn")),
        sa.CheckConstraint("(status = 'IKKE_SENDT') = (grunn IS NOT NULL)", name=op.f("ck_sms_grunn_gitt")),
        sa.CheckConstraint(
            "status = 'OPPRETTET' OR status = 'IKKE_SENDT' OR kall_startet IS NOT NULL",
            name=op.f("ck_sms_kall"),
        ),
        sa.ForeignKeyConstraint(
            ["utsendelse_id"], ["smsutsendelse.id"], name=op.f("fk_sms_utsendelse_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms")),
        sa.UniqueConstraint("utsendelse_id", "til_indeks", name=op.f("uq_sms_utsendelse_id_til_indeks")),
    )
    op.create_index(
        "ix_sms_klar", "sms", ["neste_forsok", "id"], postgresql_where=sa.text("status = 'OPPRETTET'")
    )
    op.create_index("ix_sms_sender", "sms", ["kall_startet"], postgresql_where=sa.text("status = 'SENDER'"))
    op.create_table(
        "smshendelse",
        sa.Column("sms_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("fra", sa.Text(), nullable=True),
        sa.Column("til", sa.Text(), nullable=False),
        sa.Column("kode", sa.Text(), nullable=True),
        sa.Column(
            "tid", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["sms_id"], ["sms.id"], name=op.f("fk_smshendelse_sms_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sms_id", "lopenr", name=op.f("pk_smshendelse")),
    )


def downgrade() -> None:
    for table in ("smshendelse", "sms", "smsutsendelse", "smskonto"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM tilgang WHERE ressurs_id IN (SELECT id FROM ressurs WHERE type IN ('VARSLING', 'SMS_KONTO'))"
    )
    op.execute("DELETE FROM privilegium WHERE ressurs_type IN ('VARSLING', 'SMS_KONTO')")
    op.execute("DELETE FROM tjenesteaktivering WHERE tjeneste_kode = 'VARSLING'")
    op.execute(
        "DELETE FROM avtalesignatur WHERE avtale_id IN (SELECT id FROM avtale WHERE tjeneste_kode = 'VARSLING')"
    )
    op.execute("DELETE FROM avtale WHERE tjeneste_kode = 'VARSLING'")
    op.execute("DELETE FROM tjeneste WHERE kode = 'VARSLING'")
    op.execute("DELETE FROM ressurs WHERE type = 'SMS_KONTO'")
    op.execute("DELETE FROM ressurs WHERE type = 'VARSLING'")
