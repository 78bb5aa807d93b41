"""create the house"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c8b0d22f3a9e"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE eier_nr AS integer CYCLE")
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("tid", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=True),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column("aktor_navn", sa.Text(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("objekt_type", sa.Text(), nullable=False),
        sa.Column("objekt_id", sa.Text(), nullable=False),
        sa.Column("detaljer", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_organisasjon_id_id", "audit", ["organisasjon_id", "id"], unique=False)
    op.create_table(
        "banestatus",
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("stengt", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("grunn", sa.Text(), nullable=True),
        sa.Column("apnes", sa.DateTime(timezone=True), nullable=True),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("navn", name=op.f("pk_banestatus")),
    )
    op.create_table(
        "innlogging",
        sa.Column("state_hash", sa.LargeBinary(), nullable=False),
        sa.Column("data_kryptert", sa.LargeBinary(), nullable=False),
        sa.Column("utloper", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_innlogging")),
    )
    op.create_table(
        "klokke",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("forskyvning", sa.Interval(), server_default=sa.text("interval '0'"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_klokke_en_rad")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_klokke")),
    )
    op.create_table(
        "kvitteringsmarkor",
        sa.Column("kilde", sa.Text(), nullable=False),
        sa.Column("markor", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("kilde", name=op.f("pk_kvitteringsmarkor")),
    )
    op.create_table(
        "mottakersystem",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("aktiv", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mottakersystem")),
    )
    op.create_table(
        "organisasjon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("orgnr", sa.Text(), nullable=False),
        sa.Column("kommunenr", sa.Text(), nullable=True),
        sa.Column("adresselinje1", sa.Text(), server_default="", nullable=False),
        sa.Column("postnr", sa.Text(), server_default="", nullable=False),
        sa.Column("poststed", sa.Text(), server_default="", nullable=False),
        sa.Column("epost", sa.Text(), nullable=True),
        sa.Column("telefon", sa.Text(), nullable=True),
        sa.Column("nettsted", sa.Text(), nullable=True),
        sa.Column("apningstid", sa.Text(), nullable=True),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_type", sa.Text(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kommunenr ~ '^[0-9]{4}$'", name=op.f("ck_organisasjon_kommunenr_form")),
        sa.CheckConstraint("orgnr ~ '^[0-9]{9}$'", name=op.f("ck_organisasjon_orgnr_form")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisasjon")),
        sa.UniqueConstraint("orgnr", name=op.f("uq_organisasjon_orgnr")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fnr_kryptert", sa.LargeBinary(), nullable=False),
        sa.Column("fnr_indeks", sa.LargeBinary(), nullable=False),
        sa.Column("fnr_maskert", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("epost", sa.Text(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("fnr_indeks", name=op.f("uq_person_fnr_indeks")),
    )
    op.create_table(
        "planlagt_jobb",
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("intervall_sekunder", sa.Integer(), nullable=False),
        sa.Column("neste", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sist", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("navn", name=op.f("pk_planlagt_jobb")),
    )
    op.create_table(
        "privilegium",
        sa.Column("ressurs_type", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("aktorer", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint("navn ~ '^[0-9A-Z_.]+$'", name=op.f("ck_privilegium_navn_form")),
        sa.PrimaryKeyConstraint("ressurs_type", "navn", name=op.f("pk_privilegium")),
    )
    op.create_table(
        "audit_segl",
        sa.Column("nr", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_segl_audit_id")),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_audit_segl")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_segl_audit_id")),
    )
    op.create_table(
        "mal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=True),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_mal_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mal")),
    )
    op.create_index(op.f("ix_mal_organisasjon_id"), "mal", ["organisasjon_id"], unique=False)
    op.create_table(
        "organisasjonskobling",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mottakersystem_id", sa.Uuid(), nullable=False),
        sa.Column("organisasjonsnummer", sa.Text(), nullable=False),
        sa.Column("forsendelsestyper", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sikkerhetsniva", sa.Text(), server_default="ALLE", nullable=False),
        sa.CheckConstraint(
            "sikkerhetsniva IN ('ALLE', 'HOYESTE', 'BETYDELIG')",
            name=op.f("ck_organisasjonskobling_sikkerhetsniva"),
        ),
        sa.ForeignKeyConstraint(
            ["mottakersystem_id"],
            ["mottakersystem.id"],
            name=op.f("fk_organisasjonskobling_mottakersystem_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisasjonskobling")),
    )
    op.create_index(
        op.f("ix_organisasjonskobling_mottakersystem_id"),
        "organisasjonskobling",
        ["mottakersystem_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_organisasjonskobling_organisasjonsnummer"),
        "organisasjonskobling",
        ["organisasjonsnummer"],
        unique=False,
    )
    op.create_table(
        "pris",
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("aar", sa.Integer(), nullable=False),
        sa.Column("slag", sa.Text(), nullable=False),
        sa.Column("ore", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_pris_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("organisasjon_id", "aar", "slag", name=op.f("pk_pris")),
    )
    op.create_table(
        "ressurs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forelder_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=True),
        sa.Column("sti", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("slettet", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["forelder_id"], ["ressurs.id"], name=op.f("fk_ressurs_forelder_id")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_ressurs_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ressurs")),
    )
    op.create_index(op.f("ix_ressurs_organisasjon_id"), "ressurs", ["organisasjon_id"], unique=False)
    op.create_index("ix_ressurs_sti", "ressurs", ["sti"], unique=False, postgresql_using="gin")
    op.create_table(
        "sesjon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=True),
        sa.Column("acr", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("idporten_iss", sa.Text(), nullable=True),
        sa.Column("idporten_sid", sa.Text(), nullable=True),
        sa.Column("id_token_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sist_sett", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("avsluttet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("avsluttet_grunn", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_sesjon_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sesjon_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sesjon")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sesjon_token_hash")),
    )
    op.create_index("ix_sesjon_idporten_sid", "sesjon", ["idporten_sid"], unique=False)
    op.create_index("ix_sesjon_sist_sett", "sesjon", ["sist_sett"], unique=False)
    op.create_table(
        "konto",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("visningsnavn", sa.Text(), nullable=False),
        sa.Column("avsender", sa.Text(), nullable=False),
        sa.Column("aktivert", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sdp_aktiv", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("send_med_dokumenter", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("ettersending_virksomheter", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("printleverandor", sa.Text(), server_default="GRAFISK_DIGITAL", nullable=False),
        sa.Column("altinn_avsendertekst", sa.Text(), nullable=True),
        sa.Column("angrefrist_sekunder", sa.BigInteger(), nullable=True),
        sa.Column("lagringsdager", sa.BigInteger(), server_default=sa.text("90"), nullable=False),
        sa.Column("kontonummer", sa.Text(), nullable=True),
        sa.Column("kid_type", sa.Text(), server_default="MOD10", nullable=False),
        sa.CheckConstraint(
            "printleverandor IN ('MANUELL_PRINT', 'GRAFISK_DIGITAL')", name=op.f("ck_konto_printleverandor")
        ),
        sa.CheckConstraint("lagringsdager BETWEEN 1 AND 3650", name=op.f("ck_konto_lagringsdager")),
        sa.ForeignKeyConstraint(["id"], ["ressurs.id"], name=op.f("fk_konto_id")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_konto_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_konto")),
        sa.UniqueConstraint("avsender", name=op.f("uq_konto_avsender")),
    )
    op.create_index(op.f("ix_konto_organisasjon_id"), "konto", ["organisasjon_id"], unique=False)
    op.create_table(
        "malversjon",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mal_id", sa.Uuid(), nullable=False),
        sa.Column("versjon", sa.Integer(), nullable=False),
        sa.Column("kilde_nb", sa.Text(), nullable=False),
        sa.Column("kilde_nn", sa.Text(), nullable=True),
        sa.Column("tittel_nb", sa.Text(), nullable=False),
        sa.Column("tittel_nn", sa.Text(), nullable=True),
        sa.Column("opprettet_av", sa.Uuid(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["mal_id"], ["mal.id"], name=op.f("fk_malversjon_mal_id")),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_malversjon_opprettet_av")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_malversjon")),
        sa.UniqueConstraint("mal_id", "versjon", name=op.f("uq_malversjon_mal_id_versjon")),
    )
    op.create_table(
        "tilgang",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("privilegium", sa.Text(), nullable=False),
        sa.Column("ressurs_id", sa.Uuid(), nullable=False),
        sa.Column("gyldig_fra", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("gyldig_til", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gitt_av", sa.Uuid(), nullable=True),
        sa.Column("begrunnelse", sa.Text(), nullable=True),
        sa.Column("avsluttet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("avsluttet_av", sa.Uuid(), nullable=True),
        sa.CheckConstraint("gyldig_til IS NULL OR gyldig_til > gyldig_fra", name=op.f("ck_tilgang_periode")),
        sa.ForeignKeyConstraint(["avsluttet_av"], ["person.id"], name=op.f("fk_tilgang_avsluttet_av")),
        sa.ForeignKeyConstraint(["gitt_av"], ["person.id"], name=op.f("fk_tilgang_gitt_av")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tilgang_person_id")),
        sa.ForeignKeyConstraint(["ressurs_id"], ["ressurs.id"], name=op.f("fk_tilgang_ressurs_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tilgang")),
    )
    op.create_index("ix_tilgang_ressurs_id", "tilgang", ["ressurs_id"], unique=False)
    op.create_index(
        "uq_tilgang_gjeldende",
        "tilgang",
        ["person_id", "privilegium", "ressurs_id"],
        unique=True,
        postgresql_where=sa.text("avsluttet IS NULL"),
    )
    op.create_table(
        "forsendelse",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("utsending_id", sa.Uuid(), nullable=True),
        sa.Column("radnr", sa.Integer(), nullable=True),
        sa.Column("ekstern_referanse", sa.Text(), nullable=True),
        sa.Column("korrelasjonsid", sa.Text(), nullable=True),
        sa.Column("tittel", sa.Text(), nullable=False),
        sa.Column("mottakertype", sa.Text(), nullable=False),
        sa.Column("mottaker_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("mottaker_indeks", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), server_default="MOTTATT", nullable=False),
        sa.Column(
            "status_endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("siste_lopenr", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("kanal", sa.Text(), nullable=True),
        sa.Column("kanalregel", sa.Text(), nullable=True),
        sa.Column("kun_digital", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sikkerhetsniva", sa.Text(), server_default="BETYDELIG", nullable=False),
        sa.Column("tosidig", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("farger", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("konteringskode", sa.Text(), nullable=True),
        sa.Column("prove", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("forsendelsestype", sa.Text(), nullable=True),
        sa.Column("lesefrist", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lesefrist_utlopt", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overlevert", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "mottakertype IN ('PERSON', 'ORGANISASJON', 'INGEN')", name=op.f("ck_forsendelse_mottakertype")
        ),
        sa.CheckConstraint(
            "status IN ('MOTTATT', 'AKSEPTERT', 'AVVIST', 'FEILET_UNDER_MOTTAK', 'KLAR_FOR_MOTTAK', 'SENDT_SDP', 'LEVERT_SDP', 'SENDT_ALTINN', 'LEVERT_ALTINN', 'SENDT_DIGITALT', 'SENDT_PRINT', 'PRINTET', 'LEST', 'IKKE_LEVERT', 'MANUELT_HANDTERT', 'SLETTET')",
            name=op.f("ck_forsendelse_status"),
        ),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_forsendelse_konto_id")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_forsendelse_organisasjon_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forsendelse")),
        sa.UniqueConstraint("utsending_id", "radnr", name=op.f("uq_forsendelse_utsending_id_radnr")),
    )
    op.create_index("ix_forsendelse_konto_id_id", "forsendelse", ["konto_id", "id"], unique=False)
    op.create_index(op.f("ix_forsendelse_korrelasjonsid"), "forsendelse", ["korrelasjonsid"], unique=False)
    op.create_index(
        "ix_forsendelse_lesefrist",
        "forsendelse",
        ["lesefrist"],
        unique=False,
        postgresql_where=sa.text("lesefrist_utlopt IS NULL AND status IN ('SENDT_ALTINN', 'LEVERT_ALTINN')"),
    )
    op.create_index("ix_forsendelse_mottaker_indeks", "forsendelse", ["mottaker_indeks"], unique=False)
    op.create_index(
        "ix_forsendelse_utsending_id_status", "forsendelse", ["utsending_id", "status", "kanal"], unique=False
    )
    op.create_table(
        "kolonnekobling",
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("overskrift_digest", sa.LargeBinary(), nullable=False),
        sa.Column("kobling", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("brukt", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_kolonnekobling_konto_id")),
        sa.PrimaryKeyConstraint("konto_id", "overskrift_digest", name=op.f("pk_kolonnekobling")),
    )
    op.create_table(
        "utsending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("tittel", sa.Text(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("brevdato", sa.Date(), nullable=False),
        sa.Column("kunngjoringsdato", sa.Date(), nullable=True),
        sa.Column("kun_digital", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sikkerhetsniva", sa.Text(), server_default="BETYDELIG", nullable=False),
        sa.Column("tosidig", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("farger", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("konteringskode", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="UTKAST", nullable=False),
        sa.Column("malversjon_id", sa.Uuid(), nullable=True),
        sa.Column("antall_rader", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("liste_digest", sa.LargeBinary(), nullable=True),
        sa.Column("innhold_digest", sa.LargeBinary(), nullable=True),
        sa.Column("parker_feil", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("overstyrt_av", sa.Uuid(), nullable=True),
        sa.Column("overstyrt_grunn", sa.Text(), nullable=True),
        sa.Column("opprettet_av", sa.Uuid(), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("endret", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("klargjort_av", sa.Uuid(), nullable=True),
        sa.Column("klargjort", sa.DateTime(timezone=True), nullable=True),
        sa.Column("godkjent_av", sa.Uuid(), nullable=True),
        sa.Column("godkjent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("avvist_grunn", sa.Text(), nullable=True),
        sa.Column("frigis_tid", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frigitt_av", sa.Uuid(), nullable=True),
        sa.Column("stoppet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stoppet_av", sa.Uuid(), nullable=True),
        sa.Column("fullfort", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forrige_id", sa.Uuid(), nullable=True),
        sa.Column("innhold_slettet", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("art IN ('SAMME_DOKUMENT', 'FLETTEBREV')", name=op.f("ck_utsending_art")),
        sa.CheckConstraint(
            "konteringskode IS NULL OR konteringskode ~ '^[a-zA-Z0-9_.øæåØÆÅ-]{0,20}$'",
            name=op.f("ck_utsending_kontering"),
        ),
        sa.CheckConstraint(
            "status IN ('UTKAST', 'KONTROLLERT', 'PRODUSERES', 'TIL_GODKJENNING', 'GODKJENT', 'FRIGITT', 'SENDES', 'FULLFORT', 'STOPPET')",
            name=op.f("ck_utsending_status"),
        ),
        sa.CheckConstraint(
            "godkjent_av IS NULL OR godkjent_av <> klargjort_av", name=op.f("ck_utsending_to_personer")
        ),
        sa.ForeignKeyConstraint(["forrige_id"], ["utsending.id"], name=op.f("fk_utsending_forrige_id")),
        sa.ForeignKeyConstraint(["frigitt_av"], ["person.id"], name=op.f("fk_utsending_frigitt_av")),
        sa.ForeignKeyConstraint(["godkjent_av"], ["person.id"], name=op.f("fk_utsending_godkjent_av")),
        sa.ForeignKeyConstraint(["klargjort_av"], ["person.id"], name=op.f("fk_utsending_klargjort_av")),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_utsending_konto_id")),
        sa.ForeignKeyConstraint(
            ["malversjon_id"], ["malversjon.id"], name=op.f("fk_utsending_malversjon_id")
        ),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_utsending_opprettet_av")),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_utsending_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["overstyrt_av"], ["person.id"], name=op.f("fk_utsending_overstyrt_av")),
        sa.ForeignKeyConstraint(["stoppet_av"], ["person.id"], name=op.f("fk_utsending_stoppet_av")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_utsending")),
        sa.UniqueConstraint("nr", name=op.f("uq_utsending_nr")),
    )
    op.create_index(
        "ix_utsending_i_arbeid",
        "utsending",
        ["status"],
        unique=False,
        postgresql_where=sa.text("status IN ('FRIGITT', 'SENDES', 'PRODUSERES')"),
    )
    op.create_index("ix_utsending_liste_digest", "utsending", ["konto_id", "liste_digest"], unique=False)
    op.create_index("ix_utsending_organisasjon_id_nr", "utsending", ["organisasjon_id", "nr"], unique=False)
    op.create_table(
        "arbeidsdel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("fra", sa.Integer(), nullable=True),
        sa.Column("til", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), server_default="KLAR", nullable=False),
        sa.Column("eier", sa.BigInteger(), nullable=True),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("bestilt_av", sa.Uuid(), nullable=True),
        sa.Column("resultat", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'TATT') = (eier IS NOT NULL)", name=op.f("ck_arbeidsdel_eier")),
        sa.CheckConstraint(
            "art IN ('LES', 'RENDER', 'FORHANDSVISNING', 'PROVEBREV')", name=op.f("ck_arbeidsdel_art")
        ),
        sa.CheckConstraint(
            "status IN ('KLAR', 'TATT', 'FERDIG', 'FEILET')", name=op.f("ck_arbeidsdel_status")
        ),
        sa.ForeignKeyConstraint(["bestilt_av"], ["person.id"], name=op.f("fk_arbeidsdel_bestilt_av")),
        sa.ForeignKeyConstraint(
            ["utsending_id"], ["utsending.id"], name=op.f("fk_arbeidsdel_utsending_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arbeidsdel")),
        sa.UniqueConstraint("utsending_id", "art", "nr", name=op.f("uq_arbeidsdel_utsending_id_art_nr")),
    )
    op.create_index(
        "ix_arbeidsdel_klar",
        "arbeidsdel",
        ["art", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'KLAR'"),
    )
    op.create_index(
        "ix_arbeidsdel_tatt",
        "arbeidsdel",
        ["eier"],
        unique=False,
        postgresql_where=sa.text("status = 'TATT'"),
    )
    op.create_table(
        "dokument",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("filnavn", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), server_default="application/pdf", nullable=False),
        sa.Column("storrelse", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("objekt", sa.Text(), nullable=True),
        sa.Column("fra", sa.BigInteger(), nullable=True),
        sa.Column("lengde", sa.BigInteger(), nullable=True),
        sa.Column("nokkel", sa.LargeBinary(), nullable=True),
        sa.Column("sider", sa.Integer(), nullable=True),
        sa.Column("giroark", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_dokument_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dokument")),
        sa.UniqueConstraint("forsendelse_id", "nr", name=op.f("uq_dokument_forsendelse_id_nr")),
    )
    op.create_table(
        "hendelse",
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("levering_id", sa.Uuid(), nullable=True),
        sa.Column("fra", sa.Text(), nullable=True),
        sa.Column("til", sa.Text(), nullable=True),
        sa.Column("kode", sa.Text(), nullable=False),
        sa.Column("detaljer", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column(
            "tid", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_hendelse_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("forsendelse_id", "lopenr", name=op.f("pk_hendelse")),
    )
    op.create_table(
        "levering",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("forsendelse_id", sa.Uuid(), nullable=False),
        sa.Column("utsending_id", sa.Uuid(), nullable=True),
        sa.Column("kanal", sa.Text(), nullable=True),
        sa.Column("bane", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="KLAR", nullable=False),
        sa.Column("eier", sa.BigInteger(), nullable=True),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tapte_eiere", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "neste_forsok", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("kall_startet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uavklart_siden", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tomme_oppslag", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sist_oppslag", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leverandor_ref", sa.Text(), nullable=True),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("stopp_onsket", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'SENDER') = (eier IS NOT NULL)", name=op.f("ck_levering_eier")),
        sa.CheckConstraint(
            "kanal IS NULL OR kanal IN ('SVARINN', 'DPI', 'ALTINN', 'PRINT')", name=op.f("ck_levering_kanal")
        ),
        sa.CheckConstraint(
            "status IN ('KLAR', 'SENDER', 'VENTER', 'UAVKLART', 'OVERLEVERT', 'AVVIST', 'STOPPET', 'TIL_BEHANDLING')",
            name=op.f("ck_levering_status"),
        ),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"],
            ["forsendelse.id"],
            name=op.f("fk_levering_forsendelse_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_levering")),
    )
    op.create_index(
        "ix_levering_apen_status",
        "levering",
        ["status", "neste_forsok"],
        unique=False,
        postgresql_where=sa.text("status IN ('SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
    )
    op.create_index("ix_levering_forsendelse_id", "levering", ["forsendelse_id"], unique=False)
    op.create_index(
        "ix_levering_klar",
        "levering",
        ["bane", "neste_forsok", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'KLAR'"),
    )
    op.create_index("ix_levering_utsending_id", "levering", ["utsending_id", "status"], unique=False)
    op.create_index(
        "uq_levering_apen",
        "levering",
        ["forsendelse_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('KLAR', 'SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
    )
    op.create_index(
        "uq_levering_ref",
        "levering",
        ["kanal", "leverandor_ref"],
        unique=True,
        postgresql_where=sa.text("leverandor_ref IS NOT NULL"),
    )
    op.create_table(
        "opplasting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("filnavn", sa.Text(), nullable=False),
        sa.Column("storrelse", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("objekt", sa.Text(), nullable=True),
        sa.Column("nokkel", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), server_default="MOTTATT", nullable=False),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("feilparams", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("kolonner", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("kobling", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("lest_til", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("antall", sa.Integer(), nullable=True),
        sa.Column("sider", sa.Integer(), nullable=True),
        sa.Column("funn", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("opprettet_av", sa.Uuid(), nullable=False),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("art IN ('LISTE', 'DOKUMENT')", name=op.f("ck_opplasting_art")),
        sa.CheckConstraint(
            "status IN ('MOTTATT', 'LESES', 'LEST', 'FEILET')", name=op.f("ck_opplasting_status")
        ),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_opplasting_opprettet_av")),
        sa.ForeignKeyConstraint(
            ["utsending_id"], ["utsending.id"], name=op.f("fk_opplasting_utsending_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opplasting")),
        sa.UniqueConstraint("utsending_id", "art", name=op.f("uq_opplasting_utsending_id_art")),
    )
    op.create_table(
        "utsendingshendelse",
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("fra", sa.Text(), nullable=True),
        sa.Column("til", sa.Text(), nullable=False),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column("aktor_navn", sa.Text(), nullable=False),
        sa.Column("detaljer", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "tid", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["utsending_id"],
            ["utsending.id"],
            name=op.f("fk_utsendingshendelse_utsending_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("utsending_id", "lopenr", name=op.f("pk_utsendingshendelse")),
    )
    op.create_table(
        "utsendingsrad",
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("radnr", sa.Integer(), nullable=False),
        sa.Column("linje", sa.Integer(), nullable=True),
        sa.Column("data_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("rad_hash", sa.LargeBinary(), nullable=False),
        sa.Column("mottakertype", sa.Text(), nullable=False),
        sa.Column("mottaker_indeks", sa.LargeBinary(), nullable=True),
        sa.Column("duplikat_indeks", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("funn", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("reparasjon_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("skjermet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("sperret", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("kanal", sa.Text(), nullable=True),
        sa.Column("kanalregel", sa.Text(), nullable=True),
        sa.Column("kanalgrunn", sa.Text(), nullable=True),
        sa.Column("portosone", sa.Text(), nullable=True),
        sa.Column("konteringskode", sa.Text(), nullable=True),
        sa.Column("eksternref", sa.Text(), nullable=True),
        sa.Column("malform", sa.Text(), server_default="nb", nullable=False),
        sa.Column("sider", sa.Integer(), nullable=True),
        sa.Column("objekt", sa.Text(), nullable=True),
        sa.Column("fra", sa.BigInteger(), nullable=True),
        sa.Column("lengde", sa.BigInteger(), nullable=True),
        sa.Column("storrelse", sa.BigInteger(), nullable=True),
        sa.Column("nokkel", sa.LargeBinary(), nullable=True),
        sa.Column("brev_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("forsendelse_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status IN ('OK', 'ADVARSEL', 'AUTO', 'FEIL', 'PARKERT')", name=op.f("ck_utsendingsrad_status")
        ),
        sa.ForeignKeyConstraint(
            ["forsendelse_id"], ["forsendelse.id"], name=op.f("fk_utsendingsrad_forsendelse_id")
        ),
        sa.ForeignKeyConstraint(
            ["utsending_id"], ["utsending.id"], name=op.f("fk_utsendingsrad_utsending_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("utsending_id", "radnr", name=op.f("pk_utsendingsrad")),
        sa.UniqueConstraint("forsendelse_id", name=op.f("uq_utsendingsrad_forsendelse_id")),
    )
    op.create_index("ix_utsendingsrad_duplikat_indeks", "utsendingsrad", ["duplikat_indeks"], unique=False)
    op.create_index(
        "ix_utsendingsrad_status", "utsendingsrad", ["utsending_id", "status", "radnr"], unique=False
    )
    op.create_index(
        "ix_utsendingsrad_uten_forsendelse",
        "utsendingsrad",
        ["utsending_id", "radnr"],
        unique=False,
        postgresql_where=sa.text("forsendelse_id IS NULL AND status IN ('OK', 'ADVARSEL')"),
    )
    op.create_table(
        "leveringsforsok",
        sa.Column("levering_id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("kanal", sa.Text(), nullable=False),
        sa.Column(
            "startet", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("avsluttet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("utfall", sa.Text(), nullable=True),
        sa.Column("detalj", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["levering_id"], ["levering.id"], name=op.f("fk_leveringsforsok_levering_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("levering_id", "nr", name=op.f("pk_leveringsforsok")),
    )
    op.create_index("ix_leveringsforsok_kanal", "leveringsforsok", ["kanal", "avsluttet"], unique=False)
    _grant_app_role()
    _fill_catalogue()


def _grant_app_role() -> None:
    """The app's role may do everything but change the audit log; that it may only write and read."""
    op.execute("""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'fiks_app') THEN
                CREATE ROLE fiks_app NOLOGIN;
            END IF;
        END $$
    """)
    op.execute("GRANT USAGE ON SCHEMA public TO fiks_app")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO fiks_app")
    op.execute("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO fiks_app")
    op.execute("REVOKE UPDATE, DELETE ON audit, audit_segl FROM fiks_app")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON alembic_version, privilegium FROM fiks_app")


def _fill_catalogue() -> None:
    person, both = "{PERSON}", "{PERSON,INTEGRASJON}"
    rows = (
        ("FIKS_ORG", "ADMIN", person),
        ("FIKS_ORG", "ORG.LES", person),
        ("FIKS_ORG", "ORG.REDIGER", person),
        ("FIKS_ORG", "AUDIT.LES", person),
        ("SVARUT", "ADMIN", person),
        ("SVARUT", "SVARUT.LES_ALLE", person),
        ("SVARUT_KONTO", "ADMIN", person),
        ("SVARUT_KONTO", "SVARUT.LESE", both),
        ("SVARUT_KONTO", "SVARUT.SENDE", both),
        ("SVARUT_KONTO", "SVARUT.GODKJENNE", person),
        ("SVARUT_KONTO", "SVARUT.STOPPE", person),
        ("SVARUT_KONTO", "SVARUT.SE_SPERRET", person),
    )
    catalogue = sa.table("privilegium", sa.column("ressurs_type"), sa.column("navn"), sa.column("aktorer"))
    op.execute(
        sa.insert(catalogue).values([{"ressurs_type": t, "navn": n, "aktorer": a} for t, n, a in rows])
    )


def downgrade() -> None:
    op.drop_index("ix_leveringsforsok_kanal", table_name="leveringsforsok")
    op.drop_table("leveringsforsok")
    op.drop_index(
        "ix_utsendingsrad_uten_forsendelse",
        table_name="utsendingsrad",
        postgresql_where=sa.text("forsendelse_id IS NULL AND status IN ('OK', 'ADVARSEL')"),
    )
    op.drop_index("ix_utsendingsrad_status", table_name="utsendingsrad")
    op.drop_index("ix_utsendingsrad_duplikat_indeks", table_name="utsendingsrad")
    op.drop_table("utsendingsrad")
    op.drop_table("utsendingshendelse")
    op.drop_table("opplasting")
    op.drop_index(
        "uq_levering_ref", table_name="levering", postgresql_where=sa.text("leverandor_ref IS NOT NULL")
    )
    op.drop_index(
        "uq_levering_apen",
        table_name="levering",
        postgresql_where=sa.text("status IN ('KLAR', 'SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
    )
    op.drop_index("ix_levering_utsending_id", table_name="levering")
    op.drop_index("ix_levering_klar", table_name="levering", postgresql_where=sa.text("status = 'KLAR'"))
    op.drop_index("ix_levering_forsendelse_id", table_name="levering")
    op.drop_index(
        "ix_levering_apen_status",
        table_name="levering",
        postgresql_where=sa.text("status IN ('SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
    )
    op.drop_table("levering")
    op.drop_table("hendelse")
    op.drop_table("dokument")
    op.drop_index("ix_arbeidsdel_tatt", table_name="arbeidsdel", postgresql_where=sa.text("status = 'TATT'"))
    op.drop_index("ix_arbeidsdel_klar", table_name="arbeidsdel", postgresql_where=sa.text("status = 'KLAR'"))
    op.drop_table("arbeidsdel")
    op.drop_index("ix_utsending_organisasjon_id_nr", table_name="utsending")
    op.drop_index("ix_utsending_liste_digest", table_name="utsending")
    op.drop_index(
        "ix_utsending_i_arbeid",
        table_name="utsending",
        postgresql_where=sa.text("status IN ('FRIGITT', 'SENDES', 'PRODUSERES')"),
    )
    op.drop_table("utsending")
    op.drop_table("kolonnekobling")
    op.drop_index("ix_forsendelse_utsending_id_status", table_name="forsendelse")
    op.drop_index("ix_forsendelse_mottaker_indeks", table_name="forsendelse")
    op.drop_index(
        "ix_forsendelse_lesefrist",
        table_name="forsendelse",
        postgresql_where=sa.text("lesefrist_utlopt IS NULL AND status IN ('SENDT_ALTINN', 'LEVERT_ALTINN')"),
    )
    op.drop_index(op.f("ix_forsendelse_korrelasjonsid"), table_name="forsendelse")
    op.drop_index("ix_forsendelse_konto_id_id", table_name="forsendelse")
    op.drop_table("forsendelse")
    op.drop_index("uq_tilgang_gjeldende", table_name="tilgang", postgresql_where=sa.text("avsluttet IS NULL"))
    op.drop_index("ix_tilgang_ressurs_id", table_name="tilgang")
    op.drop_table("tilgang")
    op.drop_table("malversjon")
    op.drop_index(op.f("ix_konto_organisasjon_id"), table_name="konto")
    op.drop_table("konto")
    op.drop_index("ix_sesjon_sist_sett", table_name="sesjon")
    op.drop_index("ix_sesjon_idporten_sid", table_name="sesjon")
    op.drop_table("sesjon")
    op.drop_index("ix_ressurs_sti", table_name="ressurs", postgresql_using="gin")
    op.drop_index(op.f("ix_ressurs_organisasjon_id"), table_name="ressurs")
    op.drop_table("ressurs")
    op.drop_table("pris")
    op.drop_index(op.f("ix_organisasjonskobling_organisasjonsnummer"), table_name="organisasjonskobling")
    op.drop_index(op.f("ix_organisasjonskobling_mottakersystem_id"), table_name="organisasjonskobling")
    op.drop_table("organisasjonskobling")
    op.drop_index(op.f("ix_mal_organisasjon_id"), table_name="mal")
    op.drop_table("mal")
    op.drop_table("audit_segl")
    op.drop_table("privilegium")
    op.drop_table("planlagt_jobb")
    op.drop_table("person")
    op.drop_table("organisasjon")
    op.drop_table("mottakersystem")
    op.drop_table("kvitteringsmarkor")
    op.drop_table("klokke")
    op.drop_table("innlogging")
    op.drop_table("banestatus")
    op.drop_index("ix_audit_organisasjon_id_id", table_name="audit")
    op.drop_table("audit")
    op.execute("DROP SEQUENCE eier_nr")
