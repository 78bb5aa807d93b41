"""keep contact data by organisation

What an organisation has written of its agreement administrator is its own. It stood on the person, where the first who
wrote anything was shown to all. It is taken over where it is surely of the organisation: everything the person was
ever given they were given there, and whoever wrote of a person also gave them something. The rest is written anew. The
columns of the person stay for the code of before, and go with the next release.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "a6d03e81f7b4"
down_revision = "e4a7c05b92d1"
branch_labels = None
depends_on = None

TAKE_OVER = """
INSERT INTO avtalekontakt (organisasjon_id, person_id, tittel, epost, telefon)
SELECT o.id, p.id, p.tittel, p.epost, p.telefon FROM organisasjon o JOIN person p ON p.id = o.avtaleadmin_id
WHERE num_nonnulls(p.tittel, p.epost, p.telefon) > 0
AND NOT EXISTS (SELECT FROM organisasjon other WHERE other.avtaleadmin_id = p.id AND other.id <> o.id)
AND NOT EXISTS (
    SELECT FROM tilgang t JOIN ressurs r ON r.id = t.ressurs_id
    WHERE t.person_id = p.id AND r.organisasjon_id IS DISTINCT FROM o.id
)
"""


def upgrade() -> None:
    op.create_table(
        "avtalekontakt",
        sa.Column("organisasjon_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("tittel", sa.Text(), nullable=True),
        sa.Column("epost", sa.Text(), nullable=True),
        sa.Column("telefon", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisasjon_id"], ["organisasjon.id"], name=op.f("fk_avtalekontakt_organisasjon_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_avtalekontakt_person_id")),
        sa.PrimaryKeyConstraint("organisasjon_id", name=op.f("pk_avtalekontakt")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON avtalekontakt TO fiks_app")
    op.execute(TAKE_OVER)


def downgrade() -> None:
    op.drop_table("avtalekontakt")
