"""give print its orders and packages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c41d7e9a2b60"
down_revision = "d5e0a1c97f34"
branch_labels = None
depends_on = None

TABLES = (
    "printleverandor",
    "printpakke",
    "printordre",
    "printordrehendelse",
    "printkvittering",
    "printavvik",
)


def upgrade() -> None:
    _nothing_under_way()
    _make_houses()
    _make_packages()
    _make_orders()
    _make_history()
    op.execute(
        "INSERT INTO printleverandor (kode, navn, klasser, manuell) VALUES"
        " ('GRAFISK_DIGITAL', 'Grafisk Digital', '{NORMAL,UNNTATT_OFFENTLIGHETEN}', false),"
        " ('MANUELL_PRINT', 'Manuell print', '{NORMAL,UNNTATT_OFFENTLIGHETEN}', true)"
    )
    _take_over_what_is_at_the_house()
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(TABLES)} TO fiks_app")


def _nothing_under_way() -> None:
    """A hand-over whose outcome is unknown can only be looked up by the release that made it."""
    op.execute(
        "DO $$ BEGIN IF EXISTS (SELECT 1 FROM levering WHERE kanal = 'PRINT' AND status IN ('SENDER', 'UAVKLART'))"
        " THEN RAISE EXCEPTION 'letters are on their way to the print house: let the old release finish them first';"
        " END IF; END $$"
    )


def _take_over_what_is_at_the_house() -> None:
    """Orders for letters that the print house has and has not confirmed, so that its receipts find them."""
    op.execute(
        "INSERT INTO printordre (id, kilde, kilde_id, organisasjon_id, ressurs_id, konteringskode, klasse, leverandor,"
        " status, sider, tosidig, farger, sone, sha256, pdf_bytes, siste_lopenr, overlevert, opprettet)"
        " SELECT l.id, 'SVARUT', f.id, f.organisasjon_id, f.konto_id, f.konteringskode, 'NORMAL', 'GRAFISK_DIGITAL',"
        " 'PRODUSERT', 0, f.tosidig, f.farger, 'NORGE', '', 0, 1, f.overlevert, l.opprettet"
        " FROM levering l JOIN forsendelse f ON f.id = l.forsendelse_id"
        " WHERE l.kanal = 'PRINT' AND l.status = 'OVERLEVERT' AND l.bane <> 'manuell_print'"
        " AND f.status = 'SENDT_PRINT'"
    )
    op.execute(
        "INSERT INTO printordrehendelse (ordre_id, lopenr, til, kode, aktor)"
        " SELECT id, 1, 'PRODUSERT', 'OVERTATT', 'system:oppgradering' FROM printordre"
    )
    op.execute("UPDATE kvitteringsmarkor SET kilde = 'PRINTHUS_GRAFISK_DIGITAL' WHERE kilde = 'PRINT'")


def _make_houses() -> None:
    op.create_table(
        "printleverandor",
        sa.Column("kode", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=False),
        sa.Column("klasser", postgresql.ARRAY(sa.Text()), server_default="{NORMAL}", nullable=False),
        sa.Column("manuell", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("aktiv", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("sertifikat", sa.Text(), nullable=True),
        sa.Column("brev_per_pakke", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("ventetid_sekunder", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("samlefil", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("c5_ark", sa.Integer(), server_default=sa.text("8"), nullable=False),
        sa.Column("c4_ark", sa.Integer(), server_default=sa.text("80"), nullable=False),
        sa.Column("feil_pa_rad", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("pause_til", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sammenlignet", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "brev_per_pakke BETWEEN 1 AND 1000", name=op.f("ck_printleverandor_brev_per_pakke")
        ),
        sa.CheckConstraint("c5_ark BETWEEN 1 AND c4_ark", name=op.f("ck_printleverandor_konvolutter")),
        sa.CheckConstraint(
            "ventetid_sekunder BETWEEN 0 AND 86400", name=op.f("ck_printleverandor_ventetid_sekunder")
        ),
        sa.PrimaryKeyConstraint("kode", name=op.f("pk_printleverandor")),
    )


def _make_packages() -> None:
    op.create_table(
        "printpakke",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("leverandor", sa.Text(), nullable=False),
        sa.Column("klasse", sa.Text(), nullable=False),
        sa.Column("tosidig", sa.Boolean(), nullable=False),
        sa.Column("farger", sa.Boolean(), nullable=False),
        sa.Column("antall", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="KLAR", nullable=False),
        sa.Column("eier", sa.BigInteger(), nullable=True),
        sa.Column("forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("frie_forsok", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tapte_eiere", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "neste_forsok", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("kall_startet", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forste_kall", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uavklart_siden", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tomme_oppslag", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sist_oppslag", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leverandor_ref", sa.Text(), nullable=True),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("overlevert", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'SENDER') = (eier IS NOT NULL)", name=op.f("ck_printpakke_eier")),
        sa.CheckConstraint(
            "status IN ('KLAR', 'SENDER', 'VENTER', 'UAVKLART', 'OVERLEVERT', 'OPPLOST', 'TIL_BEHANDLING')",
            name=op.f("ck_printpakke_status"),
        ),
        sa.CheckConstraint("antall BETWEEN 1 AND 1000", name=op.f("ck_printpakke_antall")),
        sa.ForeignKeyConstraint(
            ["leverandor"], ["printleverandor.kode"], name=op.f("fk_printpakke_leverandor")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printpakke")),
    )
    op.create_index(
        "ix_printpakke_apen",
        "printpakke",
        ["status", "neste_forsok"],
        unique=False,
        postgresql_where=sa.text("status IN ('SENDER', 'VENTER', 'UAVKLART', 'TIL_BEHANDLING')"),
    )
    op.create_index(
        "ix_printpakke_klar",
        "printpakke",
        ["neste_forsok", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'KLAR'"),
    )


def _make_orders() -> None:
    op.create_table(
        "printordre",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kilde", sa.Text(), nullable=False),
        sa.Column("kilde_id", sa.Uuid(), nullable=False),
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("ressurs_id", sa.Uuid(), nullable=False),
        sa.Column("konteringskode", sa.Text(), nullable=True),
        sa.Column("klasse", sa.Text(), nullable=False),
        sa.Column("leverandor", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="MOTTATT", nullable=False),
        sa.Column("sider", sa.Integer(), nullable=False),
        sa.Column("tosidig", sa.Boolean(), nullable=False),
        sa.Column("farger", sa.Boolean(), nullable=False),
        sa.Column("giroark", postgresql.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("sone", sa.Text(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("pdf_bytes", sa.BigInteger(), nullable=False),
        sa.Column("objekt", sa.Text(), nullable=True),
        sa.Column("nokkel", sa.LargeBinary(), nullable=True),
        sa.Column("pakke_id", sa.Uuid(), nullable=True),
        sa.Column("omgang", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("siste_lopenr", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ark", sa.Integer(), nullable=True),
        sa.Column("vekt_gram", sa.Integer(), nullable=True),
        sa.Column("porto_ore", sa.BigInteger(), nullable=True),
        sa.Column("produksjon_ore", sa.BigInteger(), nullable=True),
        sa.Column("postlagt", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retur", sa.DateTime(timezone=True), nullable=True),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("overlevert", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sett_hos_leverandor", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "klasse IN ('NORMAL', 'UNNTATT_OFFENTLIGHETEN')", name=op.f("ck_printordre_klasse")
        ),
        sa.CheckConstraint("status <> 'AVBESTILT' OR pakke_id IS NULL", name=op.f("ck_printordre_avbestilt")),
        sa.CheckConstraint(
            "status IN ('MOTTATT', 'PRODUSERT', 'POSTLAGT', 'FEILET', 'RETUR', 'AVBESTILT')",
            name=op.f("ck_printordre_status"),
        ),
        sa.ForeignKeyConstraint(
            ["leverandor"], ["printleverandor.kode"], name=op.f("fk_printordre_leverandor")
        ),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_printordre_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["pakke_id"], ["printpakke.id"], name=op.f("fk_printordre_pakke_id")),
        sa.ForeignKeyConstraint(["ressurs_id"], ["ressurs.id"], name=op.f("fk_printordre_ressurs_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printordre")),
    )
    op.create_index("ix_printordre_kilde_id", "printordre", ["kilde_id"])
    op.create_index("ix_printordre_objekt", "printordre", ["objekt"], unique=False)
    op.create_index("ix_printordre_pakke_id", "printordre", ["pakke_id"], unique=False)
    op.create_index(
        "ix_printordre_produsert",
        "printordre",
        ["overlevert"],
        unique=False,
        postgresql_where=sa.text("status = 'PRODUSERT'"),
    )
    op.create_index(
        "ix_printordre_usett",
        "printordre",
        ["leverandor", "overlevert"],
        unique=False,
        postgresql_where=sa.text("sett_hos_leverandor IS NULL AND overlevert IS NOT NULL"),
    )
    op.create_index(
        "ix_printordre_venter",
        "printordre",
        ["leverandor", "klasse", "tosidig", "farger", "opprettet", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'MOTTATT' AND pakke_id IS NULL"),
    )


def _make_history() -> None:
    op.create_table(
        "printordrehendelse",
        sa.Column("ordre_id", sa.Uuid(), nullable=False),
        sa.Column("lopenr", sa.Integer(), nullable=False),
        sa.Column("fra", sa.Text(), nullable=True),
        sa.Column("til", sa.Text(), nullable=False),
        sa.Column("kode", sa.Text(), nullable=False),
        sa.Column("aktor", sa.Text(), nullable=False),
        sa.Column(
            "tid", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["ordre_id"], ["printordre.id"], name=op.f("fk_printordrehendelse_ordre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ordre_id", "lopenr", name=op.f("pk_printordrehendelse")),
    )
    op.create_table(
        "printkvittering",
        sa.Column("nr", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ordre_id", sa.Uuid(), nullable=False),
        sa.Column("omgang", sa.Integer(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("tidspunkt", sa.DateTime(timezone=True), nullable=False),
        sa.Column("melding", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ordre_id"], ["printordre.id"], name=op.f("fk_printkvittering_ordre_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_printkvittering")),
    )
    op.create_index(
        "uq_printkvittering_ordre_id_art", "printkvittering", ["ordre_id", "omgang", "art"], unique=True
    )
    op.create_table(
        "printavvik",
        sa.Column("leverandor", sa.Text(), nullable=False),
        sa.Column("referanse", sa.Text(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("detaljer", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("funnet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "art IN ('UKJENT_KVITTERING', 'ANNET_HUS', 'UKJENT_HOS_OSS', 'UKJENT_HOS_DEM')",
            name=op.f("ck_printavvik_art"),
        ),
        sa.ForeignKeyConstraint(
            ["leverandor"], ["printleverandor.kode"], name=op.f("fk_printavvik_leverandor")
        ),
        sa.PrimaryKeyConstraint("leverandor", "referanse", "art", name=op.f("pk_printavvik")),
    )


def downgrade() -> None:
    op.execute("UPDATE kvitteringsmarkor SET kilde = 'PRINT' WHERE kilde = 'PRINTHUS_GRAFISK_DIGITAL'")
    for table in reversed(TABLES):
        op.drop_table(table)
