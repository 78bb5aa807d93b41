"""complete konfigurasjon: machines, groups, agreements, services, reviews"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d4a1c7e09b31"
down_revision = "b7d1e5a03c62"
branch_labels = None
depends_on = None

TILGANG_CHECKS = {
    "en_innehaver": "num_nonnulls(person_id, integrasjon_id, gruppe_id) = 1",
    "avsluttet": "(avsluttet IS NULL) = (avsluttet_grunn IS NULL)",
    "avsluttet_grunn": "avsluttet_grunn IN ('FJERNET', 'UTLOPT', 'SLUTTET', 'GJENNOMGANG', 'INTEGRASJON_SLETTET',"
    " 'GRUPPE_SLETTET', 'RESSURS_SLETTET')",
}
ORGANISASJON_TYPES = "type IN ('KOMMUNE', 'FYLKESKOMMUNE', 'KOMMUNAL_VIRKSOMHET', 'STATLIG_VIRKSOMHET', 'LEVERANDOR', 'UKJENT')"
FULL = (
    "fullmaktkrav, utloggingsbevis, faktura, gjennomgang, gjennomgangsrad, gruppe, gruppemedlem, integrasjon,"
    " forespurt_privilegium, tjenesteaktivering"
)
ROOT = "00000000-0000-4000-8000-000000000001"


def upgrade() -> None:
    _make()
    op.drop_index("uq_tilgang_gjeldende", "tilgang")
    op.create_index(
        "uq_tilgang_gjeldende",
        "tilgang",
        ["person_id", "privilegium", "ressurs_id"],
        unique=True,
        postgresql_where=sa.text("avsluttet IS NULL AND person_id IS NOT NULL"),
    )
    op.execute(
        "UPDATE tilgang SET avsluttet_grunn = CASE WHEN avsluttet = gyldig_til THEN 'UTLOPT' ELSE 'FJERNET' END"
        " WHERE avsluttet IS NOT NULL"
    )
    for name, condition in TILGANG_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_tilgang_{name}"), "tilgang", condition)
    op.create_check_constraint(op.f("ck_organisasjon_type"), "organisasjon", ORGANISASJON_TYPES)
    _grant_app_role()
    _fill()


def _make() -> None:
    op.create_table(
        "fullmaktkrav",
        sa.Column("tjeneste", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("kode", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "type IN ('ROLLE', 'TILGANGSPAKKE', 'RESSURS')", name=op.f("ck_fullmaktkrav_type")
        ),
        sa.PrimaryKeyConstraint("tjeneste", "type", "kode", name=op.f("pk_fullmaktkrav")),
    )
    op.create_table(
        "tjeneste",
        sa.Column("kode", sa.Text(), nullable=False),
        sa.Column("ressurs_type", sa.Text(), nullable=False),
        sa.Column("tilgjengelig_for", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("aktivert", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("kode ~ '^[0-9A-Z_.]+$'", name=op.f("ck_tjeneste_kode_form")),
        sa.PrimaryKeyConstraint("kode", name=op.f("pk_tjeneste")),
    )
    op.create_table(
        "utloggingsbevis",
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("utloper", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_utloggingsbevis")),
    )
    op.create_table(
        "avtale",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tjeneste_kode", sa.Text(), nullable=True),
        sa.Column("versjon", sa.Integer(), nullable=False),
        sa.Column("tittel", sa.Text(), nullable=False),
        sa.Column("tekst", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("publisert", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("versjon >= 1", name=op.f("ck_avtale_versjon")),
        sa.ForeignKeyConstraint(["tjeneste_kode"], ["tjeneste.kode"], name=op.f("fk_avtale_tjeneste_kode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avtale")),
        sa.UniqueConstraint(
            "tjeneste_kode",
            "versjon",
            name=op.f("uq_avtale_tjeneste_kode_versjon"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "faktura",
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("orgnr", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("juridisk_navn", sa.Text(), nullable=True),
        sa.Column("referanse", sa.Text(), nullable=True),
        sa.Column("epost", sa.Text(), nullable=True),
        sa.Column("telefon", sa.Text(), nullable=True),
        sa.Column("adresselinje1", sa.Text(), nullable=False),
        sa.Column("adresselinje2", sa.Text(), nullable=True),
        sa.Column("postnummer", sa.Text(), nullable=False),
        sa.Column("poststed", sa.Text(), nullable=False),
        sa.Column("kundenummer", sa.Text(), nullable=True),
        sa.Column("endepunkt_id", sa.Text(), nullable=True),
        sa.Column("sist_endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("endepunkt_id ~ '^[0-9]{9}$'", name=op.f("ck_faktura_endepunkt_form")),
        sa.CheckConstraint("orgnr ~ '^[0-9]{9}$'", name=op.f("ck_faktura_orgnr_form")),
        sa.CheckConstraint("postnummer ~ '^[0-9]{4}$'", name=op.f("ck_faktura_postnummer_form")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_faktura_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("organisasjon_id", name=op.f("pk_faktura")),
    )
    op.create_table(
        "gjennomgang",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("startet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("frist", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paaminnet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fullfort", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fullfort_av", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["fullfort_av"], ["person.id"], name=op.f("fk_gjennomgang_fullfort_av")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_gjennomgang_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gjennomgang")),
    )
    op.create_index(
        "uq_gjennomgang_apen",
        "gjennomgang",
        ["organisasjon_id"],
        unique=True,
        postgresql_where=sa.text("fullfort IS NULL"),
    )
    op.create_table(
        "gruppe",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("kilde", sa.Text(), server_default="INTERN", nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("opprettet_av", sa.Uuid(), nullable=True),
        sa.Column("slettet", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kilde IN ('INTERN', 'EKSTERN')", name=op.f("ck_gruppe_kilde")),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_gruppe_opprettet_av")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_gruppe_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gruppe")),
    )
    op.create_index(
        "uq_gruppe_navn",
        "gruppe",
        ["organisasjon_id", "navn"],
        unique=True,
        postgresql_where=sa.text("slettet IS NULL"),
    )
    op.create_table(
        "integrasjon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=True),
        sa.Column("kode", sa.Text(), nullable=True),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("beskrivelse", sa.Text(), server_default="", nullable=False),
        sa.Column("autorisert_orgnr", sa.Text(), nullable=False),
        sa.Column("tjenester", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("passord_hash", sa.LargeBinary(), nullable=True),
        sa.Column("passord_laget", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gammelt_passord_hash", sa.LargeBinary(), nullable=True),
        sa.Column("gammelt_gyldig_til", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sist_brukt", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("opprettet_av", sa.Uuid(), nullable=True),
        sa.Column("slettet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slettet_av", sa.Uuid(), nullable=True),
        sa.CheckConstraint("autorisert_orgnr ~ '^[0-9]{9}$'", name=op.f("ck_integrasjon_orgnr_form")),
        sa.CheckConstraint("kode ~ '^[0-9A-Z_.]+$'", name=op.f("ck_integrasjon_kode_form")),
        sa.CheckConstraint(
            "(gammelt_passord_hash IS NULL) = (gammelt_gyldig_til IS NULL)",
            name=op.f("ck_integrasjon_gammelt_passord"),
        ),
        sa.CheckConstraint(
            "(organisasjon_id IS NULL) = (kode IS NOT NULL)", name=op.f("ck_integrasjon_global")
        ),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_integrasjon_opprettet_av")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_integrasjon_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["slettet_av"], ["person.id"], name=op.f("fk_integrasjon_slettet_av")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrasjon")),
    )
    op.create_index("ix_integrasjon_organisasjon_id", "integrasjon", ["organisasjon_id"], unique=False)
    op.create_index(
        "uq_integrasjon_kode",
        "integrasjon",
        ["kode"],
        unique=True,
        postgresql_where=sa.text("slettet IS NULL"),
    )
    op.create_table(
        "avtalesignatur",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("avtale_id", sa.Uuid(), nullable=False),
        sa.Column("signert", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("signert_av", sa.Uuid(), nullable=True),
        sa.Column("signert_navn", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["avtale_id"], ["avtale.id"], name=op.f("fk_avtalesignatur_avtale_id")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_avtalesignatur_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["signert_av"], ["person.id"], name=op.f("fk_avtalesignatur_signert_av")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_avtalesignatur")),
        sa.UniqueConstraint(
            "organisasjon_id", "avtale_id", name=op.f("uq_avtalesignatur_organisasjon_id_avtale_id")
        ),
    )
    op.create_index("ix_avtalesignatur_avtale_id", "avtalesignatur", ["avtale_id"], unique=False)
    op.create_table(
        "forespurt_privilegium",
        sa.Column("integrasjon_id", sa.Uuid(), nullable=False),
        sa.Column("ressurs_type", sa.Text(), nullable=False),
        sa.Column("privilegium", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integrasjon_id"],
            ["integrasjon.id"],
            name=op.f("fk_forespurt_privilegium_integrasjon_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "integrasjon_id", "ressurs_type", "privilegium", name=op.f("pk_forespurt_privilegium")
        ),
    )
    op.create_table(
        "gruppemedlem",
        sa.Column("gruppe_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lagt_til", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lagt_til_av", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["gruppe_id"], ["gruppe.id"], name=op.f("fk_gruppemedlem_gruppe_id")),
        sa.ForeignKeyConstraint(["lagt_til_av"], ["person.id"], name=op.f("fk_gruppemedlem_lagt_til_av")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_gruppemedlem_person_id")),
        sa.PrimaryKeyConstraint("gruppe_id", "person_id", name=op.f("pk_gruppemedlem")),
    )
    op.create_index("ix_gruppemedlem_person_id", "gruppemedlem", ["person_id"], unique=False)
    op.create_table(
        "tjenesteaktivering",
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("tjeneste_kode", sa.Text(), nullable=False),
        sa.Column("ressurs_id", sa.Uuid(), nullable=False),
        sa.Column(
            "initialisert", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("initialisert_av", sa.Uuid(), nullable=True),
        sa.Column("konfigurert", sa.DateTime(timezone=True), nullable=True),
        sa.Column("konfigurert_av", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "konfigurert IS NULL OR konfigurert >= initialisert",
            name=op.f("ck_tjenesteaktivering_rekkefolge"),
        ),
        sa.ForeignKeyConstraint(
            ["initialisert_av"], ["person.id"], name=op.f("fk_tjenesteaktivering_initialisert_av")
        ),
        sa.ForeignKeyConstraint(
            ["konfigurert_av"], ["person.id"], name=op.f("fk_tjenesteaktivering_konfigurert_av")
        ),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_tjenesteaktivering_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(
            ["ressurs_id"], ["ressurs.id"], name=op.f("fk_tjenesteaktivering_ressurs_id")
        ),
        sa.ForeignKeyConstraint(
            ["tjeneste_kode"], ["tjeneste.kode"], name=op.f("fk_tjenesteaktivering_tjeneste_kode")
        ),
        sa.PrimaryKeyConstraint("organisasjon_id", "tjeneste_kode", name=op.f("pk_tjenesteaktivering")),
        sa.UniqueConstraint("ressurs_id", name=op.f("uq_tjenesteaktivering_ressurs_id")),
    )
    op.create_table(
        "gjennomgangsrad",
        sa.Column("gjennomgang_id", sa.Uuid(), nullable=False),
        sa.Column("tilgang_id", sa.Uuid(), nullable=False),
        sa.Column("svar", sa.Text(), nullable=True),
        sa.Column("besvart", sa.DateTime(timezone=True), nullable=True),
        sa.Column("besvart_av", sa.Uuid(), nullable=True),
        sa.CheckConstraint("svar IN ('BEHOLD', 'FJERN')", name=op.f("ck_gjennomgangsrad_svar")),
        sa.CheckConstraint("(svar IS NULL) = (besvart IS NULL)", name=op.f("ck_gjennomgangsrad_besvart")),
        sa.ForeignKeyConstraint(["besvart_av"], ["person.id"], name=op.f("fk_gjennomgangsrad_besvart_av")),
        sa.ForeignKeyConstraint(
            ["gjennomgang_id"],
            ["gjennomgang.id"],
            name=op.f("fk_gjennomgangsrad_gjennomgang_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tilgang_id"], ["tilgang.id"], name=op.f("fk_gjennomgangsrad_tilgang_id")),
        sa.PrimaryKeyConstraint("gjennomgang_id", "tilgang_id", name=op.f("pk_gjennomgangsrad")),
    )
    op.add_column(
        "organisasjon", sa.Column("intern", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "organisasjon", sa.Column("synlig", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column(
        "organisasjon",
        sa.Column("varsel_epost", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column("organisasjon", sa.Column("innbygger_epost", sa.Text(), nullable=True))
    op.add_column("organisasjon", sa.Column("avtaleadmin_id", sa.Uuid(), nullable=True))
    op.add_column("organisasjon", sa.Column("konfigurert", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_organisasjon_avtaleadmin_id"),
        "organisasjon",
        "person",
        ["avtaleadmin_id"],
        ["id"],
        use_alter=True,
    )
    op.add_column("person", sa.Column("tittel", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("telefon", sa.Text(), nullable=True))
    op.add_column("sesjon", sa.Column("parter_kryptert", sa.LargeBinary(), nullable=True))
    op.add_column("sesjon", sa.Column("parter_hentet", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sesjon", sa.Column("representerer", sa.Text(), nullable=True))
    op.add_column("tilgang", sa.Column("integrasjon_id", sa.Uuid(), nullable=True))
    op.add_column("tilgang", sa.Column("gruppe_id", sa.Uuid(), nullable=True))
    op.add_column("tilgang", sa.Column("sist_brukt", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tilgang", sa.Column("avsluttet_grunn", sa.Text(), nullable=True))
    op.alter_column("tilgang", "person_id", existing_type=sa.UUID(), nullable=True)
    op.create_index(
        "ix_tilgang_gyldig_til",
        "tilgang",
        ["gyldig_til"],
        unique=False,
        postgresql_where=sa.text("avsluttet IS NULL AND gyldig_til IS NOT NULL"),
    )
    op.create_index(
        "uq_tilgang_gruppe",
        "tilgang",
        ["gruppe_id", "privilegium", "ressurs_id"],
        unique=True,
        postgresql_where=sa.text("avsluttet IS NULL AND gruppe_id IS NOT NULL"),
    )
    op.create_index(
        "uq_tilgang_integrasjon",
        "tilgang",
        ["integrasjon_id", "privilegium", "ressurs_id"],
        unique=True,
        postgresql_where=sa.text("avsluttet IS NULL AND integrasjon_id IS NOT NULL"),
    )
    op.create_foreign_key(op.f("fk_tilgang_gruppe_id"), "tilgang", "gruppe", ["gruppe_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_tilgang_integrasjon_id"), "tilgang", "integrasjon", ["integrasjon_id"], ["id"]
    )


def _grant_app_role() -> None:
    """What was signed, and the text that was signed, can be added to but never changed by the app's role."""
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {FULL} TO fiks_app")
    op.execute("GRANT SELECT, INSERT ON avtale, avtalesignatur TO fiks_app")
    op.execute("GRANT SELECT ON tjeneste TO fiks_app")


def _fill() -> None:
    """The root plane, the new privileges, the services, the Altinn codes; what is in use already stays in use."""
    op.execute(
        "INSERT INTO privilegium (ressurs_type, navn, aktorer) VALUES"
        " ('ROOT', 'ADMIN', '{PERSON}'), ('ROOT', 'ROT.ADMINISTRER', '{PERSON}'),"
        " ('FIKS_ORG', 'INTEGRASJON.ADMINISTRER', '{PERSON}'), ('FIKS_ORG', 'AVTALE.SIGNER', '{PERSON}')"
    )
    op.execute(
        f"INSERT INTO ressurs (id, type, navn, sti) VALUES ('{ROOT}', 'ROOT', 'Fiks-plattformen', ARRAY['{ROOT}'::uuid])"
    )
    op.execute(
        "INSERT INTO tjeneste (kode, ressurs_type, tilgjengelig_for) VALUES ('SVARUT', 'SVARUT',"
        " '{FYLKESKOMMUNE,KOMMUNAL_VIRKSOMHET,KOMMUNE,STATLIG_VIRKSOMHET}')"
    )
    op.execute(
        "INSERT INTO fullmaktkrav (tjeneste, type, kode) VALUES"
        " ('SVARUT', 'ROLLE', 'A0236'), ('MINSIDE', 'ROLLE', 'A0236'), ('MINSIDE', 'ROLLE', 'KOMAB')"
    )
    op.execute("UPDATE organisasjon SET konfigurert = opprettet")
    op.execute(
        "INSERT INTO tjenesteaktivering (organisasjon_id, tjeneste_kode, ressurs_id, konfigurert)"
        " SELECT organisasjon_id, 'SVARUT', id, now() FROM ressurs WHERE type = 'SVARUT' AND slettet IS NULL"
    )


def downgrade() -> None:
    op.execute(f"DELETE FROM tilgang WHERE person_id IS NULL OR ressurs_id = '{ROOT}'")
    op.execute(f"DELETE FROM ressurs WHERE id = '{ROOT}'")
    op.execute(
        "DELETE FROM privilegium WHERE ressurs_type = 'ROOT' OR navn IN ('INTEGRASJON.ADMINISTRER', 'AVTALE.SIGNER')"
    )
    for name in TILGANG_CHECKS:
        op.drop_constraint(op.f(f"ck_tilgang_{name}"), "tilgang")
    op.drop_constraint(op.f("ck_organisasjon_type"), "organisasjon")
    op.drop_index("uq_tilgang_gjeldende", "tilgang")
    op.create_index(
        "uq_tilgang_gjeldende",
        "tilgang",
        ["person_id", "privilegium", "ressurs_id"],
        unique=True,
        postgresql_where=sa.text("avsluttet IS NULL"),
    )
    op.drop_table("gjennomgangsrad")
    op.drop_constraint(op.f("fk_tilgang_integrasjon_id"), "tilgang", type_="foreignkey")
    op.drop_constraint(op.f("fk_tilgang_gruppe_id"), "tilgang", type_="foreignkey")
    op.drop_index(
        "uq_tilgang_integrasjon",
        table_name="tilgang",
        postgresql_where=sa.text("avsluttet IS NULL AND integrasjon_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_tilgang_gruppe",
        table_name="tilgang",
        postgresql_where=sa.text("avsluttet IS NULL AND gruppe_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_tilgang_gyldig_til",
        table_name="tilgang",
        postgresql_where=sa.text("avsluttet IS NULL AND gyldig_til IS NOT NULL"),
    )
    op.alter_column("tilgang", "person_id", existing_type=sa.UUID(), nullable=False)
    op.drop_column("tilgang", "avsluttet_grunn")
    op.drop_column("tilgang", "sist_brukt")
    op.drop_column("tilgang", "gruppe_id")
    op.drop_column("tilgang", "integrasjon_id")
    op.drop_column("sesjon", "representerer")
    op.drop_column("sesjon", "parter_hentet")
    op.drop_column("sesjon", "parter_kryptert")
    op.drop_column("person", "telefon")
    op.drop_column("person", "tittel")
    op.drop_constraint(op.f("fk_organisasjon_avtaleadmin_id"), "organisasjon", type_="foreignkey")
    op.drop_column("organisasjon", "konfigurert")
    op.drop_column("organisasjon", "avtaleadmin_id")
    op.drop_column("organisasjon", "innbygger_epost")
    op.drop_column("organisasjon", "varsel_epost")
    op.drop_column("organisasjon", "synlig")
    op.drop_column("organisasjon", "intern")
    op.drop_table("tjenesteaktivering")
    op.drop_index("ix_gruppemedlem_person_id", table_name="gruppemedlem")
    op.drop_table("gruppemedlem")
    op.drop_table("forespurt_privilegium")
    op.drop_index("ix_avtalesignatur_avtale_id", table_name="avtalesignatur")
    op.drop_table("avtalesignatur")
    op.drop_index(
        "uq_integrasjon_kode", table_name="integrasjon", postgresql_where=sa.text("slettet IS NULL")
    )
    op.drop_index("ix_integrasjon_organisasjon_id", table_name="integrasjon")
    op.drop_table("integrasjon")
    op.drop_index("uq_gruppe_navn", table_name="gruppe", postgresql_where=sa.text("slettet IS NULL"))
    op.drop_table("gruppe")
    op.drop_index(
        "uq_gjennomgang_apen", table_name="gjennomgang", postgresql_where=sa.text("fullfort IS NULL")
    )
    op.drop_table("gjennomgang")
    op.drop_table("faktura")
    op.drop_table("avtale")
    op.drop_table("utloggingsbevis")
    op.drop_table("tjeneste")
    op.drop_table("fullmaktkrav")
