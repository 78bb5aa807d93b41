"""receive letters in mottakersystemer

Nothing but a test environment could make a mottakersystem until now, so those that are there are made anew there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "f61d0c8b72ae"
down_revision = "e5a4c17b9d20"
branch_labels = None
depends_on = None

TABLES = "mottakersystempassord, mottaksplass, svarinn_mottak, svarinn_feil"
PRIVILEGES = (
    ("SVARINN", "ADMIN", "PERSON"),
    ("MOTTAKERSYSTEM", "ADMIN", "PERSON"),
    ("MOTTAKERSYSTEM", "SVARINN.MOTTA", "PERSON"),
    ("SVARINN", "SVARINN.KONFIGURERE", "PERSON,INTEGRASJON"),
    ("MOTTAKERSYSTEM", "SVARINN.KONFIGURERE", "PERSON,INTEGRASJON"),
)


def upgrade() -> None:
    op.execute("DELETE FROM organisasjonskobling")
    op.execute("DELETE FROM mottakersystem")
    _widen_mottakersystem()
    _make_tables()
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO fiks_app")
    rows = ", ".join(f"('{kind}', '{navn}', '{{{aktor}}}')" for kind, navn, aktor in PRIVILEGES)
    op.execute(f"INSERT INTO privilegium (ressurs_type, navn, aktorer) VALUES {rows}")
    op.execute(
        "INSERT INTO tjeneste (kode, ressurs_type, tilgjengelig_for) VALUES ('SVARINN', 'SVARINN',"
        " '{FYLKESKOMMUNE,KOMMUNAL_VIRKSOMHET,KOMMUNE,STATLIG_VIRKSOMHET}')"
    )
    op.execute("INSERT INTO fullmaktkrav (tjeneste, type, kode) VALUES ('SVARINN', 'ROLLE', 'A0236')")


def _widen_mottakersystem() -> None:
    op.add_column("mottakersystem", sa.Column("organisasjon_id", sa.Uuid(), nullable=False))
    op.add_column(
        "mottakersystem",
        sa.Column("eposter", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("mottakersystem", sa.Column("sertifikat", sa.LargeBinary(), nullable=True))
    for name in ("sertifikat_utloper", "sertifikat_endret"):
        op.add_column("mottakersystem", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "mottakersystem",
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.create_index(op.f("ix_mottakersystem_organisasjon_id"), "mottakersystem", ["organisasjon_id"])
    op.create_foreign_key(op.f("fk_mottakersystem_id"), "mottakersystem", "ressurs", ["id"], ["id"])
    op.create_foreign_key(
        op.f("fk_mottakersystem_organisasjon_id"),
        "mottakersystem",
        "organisasjon",
        ["organisasjon_id"],
        ["id"],
    )
    op.add_column("organisasjonskobling", sa.Column("navn", sa.Text(), server_default="", nullable=False))
    op.create_check_constraint(
        op.f("ck_organisasjonskobling_orgnr_form"),
        "organisasjonskobling",
        "organisasjonsnummer ~ '^[0-9]{9}$'",
    )


def _make_tables() -> None:
    op.create_table(
        "mottakersystempassord",
        sa.Column("mottakersystem_id", sa.Uuid(), nullable=False),
        sa.Column("passord_hash", sa.LargeBinary(), nullable=False),
        sa.Column("laget", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("laget_av", sa.Uuid(), nullable=True),
        sa.Column("sist_brukt", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["laget_av"], ["person.id"], name=op.f("fk_mottakersystempassord_laget_av")),
        sa.ForeignKeyConstraint(
            ["mottakersystem_id"],
            ["mottakersystem.id"],
            name=op.f("fk_mottakersystempassord_mottakersystem_id"),
        ),
        sa.PrimaryKeyConstraint("mottakersystem_id", name=op.f("pk_mottakersystempassord")),
    )
    op.create_table(
        "mottaksplass",
        sa.Column("organisasjonsnummer", sa.Text(), nullable=False),
        sa.Column("forsendelsestype", sa.Text(), nullable=False),
        sa.Column("sikkerhetsniva", sa.Text(), nullable=False),
        sa.Column("kobling_id", sa.Uuid(), nullable=False),
        sa.Column("mottakersystem_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "sikkerhetsniva IN ('HOYESTE', 'BETYDELIG')", name=op.f("ck_mottaksplass_sikkerhetsniva")
        ),
        sa.ForeignKeyConstraint(
            ["kobling_id"],
            ["organisasjonskobling.id"],
            name=op.f("fk_mottaksplass_kobling_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mottakersystem_id"], ["mottakersystem.id"], name=op.f("fk_mottaksplass_mottakersystem_id")
        ),
        sa.PrimaryKeyConstraint(
            "organisasjonsnummer", "forsendelsestype", "sikkerhetsniva", name=op.f("pk_mottaksplass")
        ),
    )
    op.create_index("ix_mottaksplass_kobling_id", "mottaksplass", ["kobling_id"])
    op.create_table(
        "svarinn_mottak",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("mottakersystem_id", sa.Uuid(), nullable=False),
        sa.Column("klar", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(name, sa.DateTime(timezone=True), nullable=True)
            for name in ("lukket", "avvist", "hentet_forste", "hentet_siste", "advarsel")
        ),
        sa.Column("klarfiler", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_svarinn_mottak_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["mottakersystem_id"], ["mottakersystem.id"], name=op.f("fk_svarinn_mottak_mottakersystem_id")
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", name=op.f("pk_svarinn_mottak")),
    )
    op.create_index(
        "ix_svarinn_mottak_venter",
        "svarinn_mottak",
        ["mottakersystem_id", "klar", "forsendelse_id"],
        postgresql_where=sa.text("lukket IS NULL"),
    )
    op.create_table(
        "svarinn_feil",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("feilmelding_kryptert", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_svarinn_feil_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", "lopenr", name=op.f("pk_svarinn_feil")),
    )


def downgrade() -> None:
    for table in ("svarinn_feil", "svarinn_mottak", "mottaksplass", "mottakersystempassord"):
        op.drop_table(table)
    op.execute("DELETE FROM fullmaktkrav WHERE tjeneste = 'SVARINN'")
    op.execute(
        "DELETE FROM tilgang WHERE ressurs_id IN (SELECT id FROM ressurs WHERE type IN ('SVARINN', 'MOTTAKERSYSTEM'))"
    )
    op.execute("DELETE FROM privilegium WHERE ressurs_type IN ('SVARINN', 'MOTTAKERSYSTEM')")
    op.execute("DELETE FROM tjenesteaktivering WHERE tjeneste_kode = 'SVARINN'")
    op.execute(
        "DELETE FROM avtalesignatur WHERE avtale_id IN (SELECT id FROM avtale WHERE tjeneste_kode = 'SVARINN')"
    )
    op.execute("DELETE FROM avtale WHERE tjeneste_kode = 'SVARINN'")
    op.execute("DELETE FROM tjeneste WHERE kode = 'SVARINN'")
    op.execute("DELETE FROM organisasjonskobling")
    op.execute("DELETE FROM mottakersystem")
    op.execute("DELETE FROM ressurs WHERE type = 'MOTTAKERSYSTEM'")
    op.execute("DELETE FROM ressurs WHERE type = 'SVARINN'")
    op.drop_constraint(op.f("ck_organisasjonskobling_orgnr_form"), "organisasjonskobling")
    op.drop_column("organisasjonskobling", "navn")
    op.drop_constraint(op.f("fk_mottakersystem_organisasjon_id"), "mottakersystem")
    op.drop_constraint(op.f("fk_mottakersystem_id"), "mottakersystem")
    op.drop_index(op.f("ix_mottakersystem_organisasjon_id"), table_name="mottakersystem")
    for name in (
        "opprettet",
        "sertifikat_endret",
        "sertifikat_utloper",
        "sertifikat",
        "eposter",
        "organisasjon_id",
    ):
        op.drop_column("mottakersystem", name)
