"""offer forms for their purpose

Everything written until now was written in the standard form, which every mottaker has.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2e90c7d4a1f8"
down_revision = "8b1f6d30c5e2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "edialog_skjematype",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mottaker_id", sa.Uuid(), nullable=False),
        sa.Column("nr", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("navn", sa.Text(), nullable=True),
        sa.Column("tittel", sa.Text(), nullable=True),
        sa.Column("opprettet", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("slettet", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("type IN ('STANDARD', 'TILPASSET')", name=op.f("ck_edialog_skjematype_type")),
        sa.CheckConstraint(
            "(type = 'TILPASSET') = (tittel IS NOT NULL AND navn IS NOT NULL)",
            name=op.f("ck_edialog_skjematype_tilpasset"),
        ),
        sa.ForeignKeyConstraint(
            ["mottaker_id"], ["edialog_mottaker.id"], name=op.f("fk_edialog_skjematype_mottaker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edialog_skjematype")),
        sa.UniqueConstraint("mottaker_id", "nr", name=op.f("uq_edialog_skjematype_mottaker_id_nr")),
    )
    op.create_index(
        "uq_edialog_skjematype_standard",
        "edialog_skjematype",
        ["mottaker_id"],
        unique=True,
        postgresql_where=sa.text("type = 'STANDARD' AND slettet IS NULL"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON edialog_skjematype TO fiks_app")
    op.execute(
        "INSERT INTO edialog_skjematype (id, mottaker_id, nr, type)"
        " SELECT gen_random_uuid(), id, 1, 'STANDARD' FROM edialog_mottaker"
    )
    _tell_what_was_written()


def _tell_what_was_written() -> None:
    op.add_column("edialog_skjema", sa.Column("skjematype_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE edialog_skjema s SET skjematype_id = t.id FROM edialog_skjematype t"
        " WHERE t.mottaker_id = s.mottaker_id"
    )
    op.create_foreign_key(
        op.f("fk_edialog_skjema_skjematype_id"),
        "edialog_skjema",
        "edialog_skjematype",
        ["skjematype_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_edialog_skjema_skjematype"),
        "edialog_skjema",
        "(mottaker_id IS NULL) = (skjematype_id IS NULL)",
    )


def downgrade() -> None:
    op.drop_column("edialog_skjema", "skjematype_id")
    op.drop_table("edialog_skjematype")
