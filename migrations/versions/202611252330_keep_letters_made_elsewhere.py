"""keep letters made elsewhere"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "8b3f5d1c6e92"
down_revision = "2e90c7d4a1f8"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
EMPTY_LIST, EMPTY_OBJECT = sa.text("'[]'"), sa.text("'{}'")
CHECKS = {
    ("utsending", "art"): "'SAMME_DOKUMENT', 'FLETTEBREV'",
    ("opplasting", "art"): "'LISTE', 'DOKUMENT'",
    ("arbeidsdel", "art"): "'LES', 'RENDER', 'FORHANDSVISNING', 'PROVEBREV'",
}
ADDED = {
    ("utsending", "art"): "'ETT_DOKUMENT_PER_RAD', 'EN_STOR_PDF'",
    ("opplasting", "art"): "'SAMLET', 'TILLEGGSLISTE'",
    ("arbeidsdel", "art"): "'FIL', 'KUTT'",
}


def upgrade() -> None:
    for place, known in CHECKS.items():
        _allow(*place, f"{known}, {ADDED[place]}")
    op.add_column(
        "utsending", sa.Column("oppsett", postgresql.JSONB(), server_default=EMPTY_OBJECT, nullable=False)
    )
    _make_files()
    _make_links()
    op.create_table(
        "brevoppsett",
        sa.Column("konto_id", sa.Uuid(), nullable=False),
        sa.Column("art", sa.Text(), nullable=False),
        sa.Column("oppsett", postgresql.JSONB(), nullable=False),
        sa.Column("brukt", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["konto_id"], ["konto.id"], name=op.f("fk_brevoppsett_konto_id")),
        sa.PrimaryKeyConstraint("konto_id", "art", name=op.f("pk_brevoppsett")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON brevfil, radfil, brevoppsett TO fiks_app")


def _allow(table: str, column: str, values: str) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f"{column} IN ({values})")


def _make_files() -> None:
    op.create_table(
        "brevfil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("navn_kryptert", sa.LargeBinary(), nullable=True),
        sa.Column("navn_indeks", sa.LargeBinary(), nullable=True),
        sa.Column("navnelikhet", sa.LargeBinary(), nullable=True),
        sa.Column("vist_navn", sa.Text(), nullable=False),
        sa.Column("storrelse", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("objekt", sa.Text(), nullable=True),
        sa.Column("fra", sa.BigInteger(), nullable=True),
        sa.Column("lengde", sa.BigInteger(), nullable=True),
        sa.Column("nokkel", sa.LargeBinary(), nullable=True),
        sa.Column("fra_side", sa.Integer(), nullable=True),
        sa.Column("til_side", sa.Integer(), nullable=True),
        sa.Column("sider", sa.Integer(), nullable=True),
        sa.Column("giroark", postgresql.JSONB(), server_default=EMPTY_LIST, nullable=False),
        sa.Column("status", sa.Text(), server_default="MOTTATT", nullable=False),
        sa.Column("feilkode", sa.Text(), nullable=True),
        sa.Column("funn", postgresql.JSONB(), server_default=EMPTY_LIST, nullable=False),
        sa.Column("form", postgresql.JSONB(), server_default=EMPTY_OBJECT, nullable=False),
        sa.Column("opprettet_av", sa.Uuid(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("status IN ('MOTTATT', 'LEST', 'FEILET')", name=op.f("ck_brevfil_status")),
        sa.ForeignKeyConstraint(
            ["utsending_id"], ["utsending.id"], name=op.f("fk_brevfil_utsending_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["opprettet_av"], ["person.id"], name=op.f("fk_brevfil_opprettet_av")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brevfil")),
        sa.UniqueConstraint("utsending_id", "nr", name=op.f("uq_brevfil_utsending_id_nr")),
    )
    op.create_index("ix_brevfil_navn_indeks", "brevfil", ["utsending_id", "navn_indeks"])
    op.create_index("ix_brevfil_navnelikhet", "brevfil", ["utsending_id", "navnelikhet"])
    op.create_index("ix_brevfil_objekt", "brevfil", ["objekt"])


def _make_links() -> None:
    op.create_table(
        "radfil",
        sa.Column("utsending_id", sa.Uuid(), nullable=False),
        sa.Column("radnr", sa.Integer(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("brevfil_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["utsending_id", "radnr"],
            ["utsendingsrad.utsending_id", "utsendingsrad.radnr"],
            name="fk_radfil_rad",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["brevfil_id"], ["brevfil.id"], name=op.f("fk_radfil_brevfil_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("utsending_id", "radnr", "nr", name=op.f("pk_radfil")),
    )
    op.create_index("ix_radfil_brevfil_id", "radfil", ["brevfil_id"])


def downgrade() -> None:
    for table in ("brevoppsett", "radfil", "brevfil"):
        op.drop_table(table)
    op.drop_column("utsending", "oppsett")
    for place, known in CHECKS.items():
        _allow(*place, known)
