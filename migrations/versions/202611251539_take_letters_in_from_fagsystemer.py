"""take letters in from fagsystemer"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7d20f6a91e3"
down_revision = "a1d4e8c27f60"
branch_labels = None
depends_on = None

NEW = "kontooppsett, kontopassord, reservert_id, eksponering, innsendingsnokkel, signeringsoppdrag"
CONFIDENTIAL = "'TILGANGSPAKKE', 'post-til-virksomheten-med-taushetsbelagt-innhold'"
OPPHAV = "opphav IN ('UTSENDING', 'V1', 'SOAP', 'V2', 'V3', 'EDIALOG', 'SIGNERING')"


def upgrade() -> None:
    _make_konto_tables()
    _make_letter_tables()
    _tell_more_of_letters()
    op.execute(
        f"INSERT INTO fullmaktkrav (tjeneste, type, kode) VALUES ('SVARUT_TAUSHET', {CONFIDENTIAL}),"
        f" ('MINSIDE', {CONFIDENTIAL})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {NEW} TO fiks_app")


def _make_konto_tables() -> None:
    op.create_table(
        "kontooppsett",
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("epost", sa.Text(), nullable=True),
        sa.Column("forside_orgnr", sa.Text(), nullable=True),
        sa.Column("forside_navn", sa.Text(), nullable=True),
        sa.Column("forside_adresselinje1", sa.Text(), nullable=True),
        sa.Column("forside_adresselinje2", sa.Text(), nullable=True),
        sa.Column("forside_adresselinje3", sa.Text(), nullable=True),
        sa.Column("forside_postnr", sa.Text(), nullable=True),
        sa.Column("forside_poststed", sa.Text(), nullable=True),
        sa.Column("forside_tekst", sa.Text(), nullable=True),
        sa.Column("altinn_aktiv", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("altinn_ekstratekst", sa.Text(), nullable=True),
        sa.Column("sdp_orgnr", sa.Text(), nullable=True),
        sa.Column("sdp_avsendernavn", sa.Text(), nullable=True),
        sa.Column("sdp_id", sa.Text(), nullable=True),
        sa.Column("sdp_ekstratekst", sa.Text(), nullable=True),
        sa.Column("sdp_signering", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("vises_paa_minside", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("forside_orgnr ~ '^[0-9]{9}$'", name=op.f("ck_kontooppsett_forside_orgnr_form")),
        sa.CheckConstraint("forside_postnr ~ '^[0-9]{4}$'", name=op.f("ck_kontooppsett_forside_postnr_form")),
        sa.CheckConstraint("sdp_orgnr ~ '^[0-9]{9}$'", name=op.f("ck_kontooppsett_sdp_orgnr_form")),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_kontooppsett_konto_id")),
        sa.PrimaryKeyConstraint("konto_id", name=op.f("pk_kontooppsett")),
    )
    op.create_table(
        "kontopassord",
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("passord_hash", sa.LargeBinary(), nullable=False),
        sa.Column("laget", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("laget_av", sa.Uuid(), nullable=True),
        sa.Column("sist_brukt", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_kontopassord_konto_id")),
        sa.ForeignKeyConstraint(["laget_av"], ["person.id"], name=op.f("fk_kontopassord_laget_av")),
        sa.PrimaryKeyConstraint("konto_id", name=op.f("pk_kontopassord")),
    )
    op.create_table(
        "reservert_id",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_reservert_id_konto_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservert_id")),
    )
    op.create_index("ix_reservert_id_opprettet", "reservert_id", ["opprettet"], unique=False)


def _make_letter_tables() -> None:
    op.create_table(
        "eksponering",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("indeks", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_eksponering_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", "indeks", name=op.f("pk_eksponering")),
    )
    op.create_index("ix_eksponering_indeks", "eksponering", ["indeks"], unique=False)
    op.create_table(
        "innsendingsnokkel",
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("nokkel", sa.Text(), nullable=False),
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_innsendingsnokkel_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_innsendingsnokkel_konto_id")),
        sa.PrimaryKeyConstraint("konto_id", "nokkel", name=op.f("pk_innsendingsnokkel")),
    )
    op.create_index(
        op.f("ix_innsendingsnokkel_forsendelse_id"), "innsendingsnokkel", ["forsendelse_id"], unique=False
    )
    op.create_table(
        "signeringsoppdrag",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("utloper", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Text(), server_default="VENTER_SIGNERING", nullable=False),
        sa.Column("referanse", sa.Text(), nullable=True),
        sa.Column("svar_id", sa.Uuid(), nullable=True),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('AVVIST_AV_SVARUT', 'VENTER_SIGNERING', 'SIGNERT_AV_MOTTAKER', 'AVVIST_AV_MOTTAKER', 'UTLOPT')",
            name=op.f("ck_signeringsoppdrag_status"),
        ),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_signeringsoppdrag_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", name=op.f("pk_signeringsoppdrag")),
        sa.UniqueConstraint("referanse", name=op.f("uq_signeringsoppdrag_referanse")),
    )


def _tell_more_of_letters() -> None:
    op.add_column(
        "dokument", sa.Column("kryptert", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "dokument", sa.Column("ekskluderes", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "dokument", sa.Column("skal_signeres", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "dokument", sa.Column("sensitiv", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("dokument", sa.Column("dokument_type", sa.Text(), nullable=True))
    op.create_index("ix_dokument_objekt", "dokument", ["objekt"], unique=False)
    op.add_column("forsendelse", sa.Column("opphav", sa.Text(), server_default="UTSENDING", nullable=False))
    op.add_column("forsendelse", sa.Column("ekstern_indeks", sa.LargeBinary(), nullable=True))
    op.add_column("forsendelse", sa.Column("avgivende_system", sa.Text(), nullable=True))
    op.add_column("forsendelse", sa.Column("avgivende_aktor", sa.Text(), nullable=True))
    op.add_column(
        "forsendelse", sa.Column("kryptert", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "forsendelse",
        sa.Column("strengt_digital", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "forsendelse",
        sa.Column("taushetsbelagt", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "forsendelse",
        sa.Column("uten_adresse", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("forsendelse", sa.Column("svar_pa_id", sa.Uuid(), nullable=True))
    op.add_column(
        "forsendelse", sa.Column("kan_svares", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("forsendelse", sa.Column("innhold_kryptert", sa.LargeBinary(), nullable=True))
    op.add_column("forsendelse", sa.Column("avtrykk", sa.LargeBinary(), nullable=True))
    op.add_column(
        "forsendelse",
        sa.Column(
            "kontroll_neste", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.add_column(
        "forsendelse", sa.Column("kontroll_forsok", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("forsendelse", sa.Column("originaler_slettet", sa.DateTime(timezone=True), nullable=True))
    op.add_column("forsendelse", sa.Column("status_for_sletting", sa.Text(), nullable=True))
    op.create_index(
        "ix_forsendelse_ekstern_indeks",
        "forsendelse",
        ["konto_id", "ekstern_indeks"],
        unique=False,
        postgresql_where=sa.text("ekstern_indeks IS NOT NULL"),
    )
    op.create_index(
        "ix_forsendelse_kontroll",
        "forsendelse",
        ["konto_id", "kontroll_neste", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'MOTTATT'"),
    )
    op.add_column(
        "forsendelse",
        sa.Column("originaler_venter", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index(
        "ix_forsendelse_print",
        "forsendelse",
        ["overlevert"],
        unique=False,
        postgresql_where=sa.text("status = 'SENDT_PRINT'"),
    )
    op.create_index(
        "ix_forsendelse_originaler",
        "forsendelse",
        ["id"],
        unique=False,
        postgresql_where=sa.text("originaler_venter"),
    )
    op.create_index(
        "ix_forsendelse_innhold",
        "forsendelse",
        ["konto_id", "opprettet"],
        unique=False,
        postgresql_where=sa.text("mottaker_kryptert IS NOT NULL"),
    )
    op.create_check_constraint(op.f("ck_forsendelse_opphav"), "forsendelse", OPPHAV)


def downgrade() -> None:
    op.execute(f"DELETE FROM fullmaktkrav WHERE (type, kode) = ({CONFIDENTIAL})")
    op.drop_constraint(op.f("ck_forsendelse_opphav"), "forsendelse")
    op.drop_index(
        "ix_forsendelse_print", table_name="forsendelse", postgresql_where=sa.text("status = 'SENDT_PRINT'")
    )
    op.drop_index(
        "ix_forsendelse_innhold",
        table_name="forsendelse",
        postgresql_where=sa.text("mottaker_kryptert IS NOT NULL"),
    )
    op.drop_index(
        "ix_forsendelse_originaler", table_name="forsendelse", postgresql_where=sa.text("originaler_venter")
    )
    op.drop_column("forsendelse", "originaler_venter")
    op.drop_index(
        "ix_forsendelse_kontroll", table_name="forsendelse", postgresql_where=sa.text("status = 'MOTTATT'")
    )
    op.drop_index(
        "ix_forsendelse_ekstern_indeks",
        table_name="forsendelse",
        postgresql_where=sa.text("ekstern_indeks IS NOT NULL"),
    )
    op.drop_column("forsendelse", "status_for_sletting")
    op.drop_column("forsendelse", "originaler_slettet")
    op.drop_column("forsendelse", "kontroll_forsok")
    op.drop_column("forsendelse", "kontroll_neste")
    op.drop_column("forsendelse", "avtrykk")
    op.drop_column("forsendelse", "innhold_kryptert")
    op.drop_column("forsendelse", "kan_svares")
    op.drop_column("forsendelse", "svar_pa_id")
    op.drop_column("forsendelse", "uten_adresse")
    op.drop_column("forsendelse", "taushetsbelagt")
    op.drop_column("forsendelse", "strengt_digital")
    op.drop_column("forsendelse", "kryptert")
    op.drop_column("forsendelse", "avgivende_aktor")
    op.drop_column("forsendelse", "avgivende_system")
    op.drop_column("forsendelse", "ekstern_indeks")
    op.drop_column("forsendelse", "opphav")
    op.drop_index("ix_dokument_objekt", table_name="dokument")
    op.drop_column("dokument", "dokument_type")
    op.drop_column("dokument", "sensitiv")
    op.drop_column("dokument", "skal_signeres")
    op.drop_column("dokument", "ekskluderes")
    op.drop_column("dokument", "kryptert")
    op.drop_table("signeringsoppdrag")
    op.drop_index(op.f("ix_innsendingsnokkel_forsendelse_id"), table_name="innsendingsnokkel")
    op.drop_table("innsendingsnokkel")
    op.drop_index("ix_eksponering_indeks", table_name="eksponering")
    op.drop_table("eksponering")
    op.drop_index("ix_reservert_id_opprettet", table_name="reservert_id")
    op.drop_table("reservert_id")
    op.drop_table("kontopassord")
    op.drop_table("kontooppsett")
