"""tell more in the audit; let rows be deleted by age"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "f6c3e902bd53"
down_revision = "d4a1c7e09b31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The chain is made anew by the sealer: a seal of the old form does not cover the new columns.
    op.execute("DELETE FROM audit_segl")
    op.add_column("audit", sa.Column("aktor_type", sa.Text(), server_default="SYSTEM", nullable=False))
    op.add_column("audit", sa.Column("integrasjon_id", sa.Uuid(), nullable=True))
    op.add_column("audit", sa.Column("paa_vegne_av", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("sikkerhetsniva", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("kanal", sa.Text(), server_default="", nullable=False))
    op.add_column("audit", sa.Column("request_id", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("utfall", sa.Text(), server_default="OK", nullable=False))
    op.add_column("audit", sa.Column("tjeneste", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("ressurs_id", sa.Uuid(), nullable=True))
    op.add_column("audit", sa.Column("gjelder", sa.LargeBinary(), nullable=True))
    op.add_column("audit", sa.Column("hjemmel", sa.Text(), nullable=True))
    op.create_index(
        "ix_audit_gjelder",
        "audit",
        ["gjelder", "id"],
        unique=False,
        postgresql_where=sa.text("gjelder IS NOT NULL"),
    )
    op.create_index("ix_audit_handling", "audit", ["handling", "tid"], unique=False)
    op.add_column("audit_segl", sa.Column("rad_hash", sa.LargeBinary(), nullable=False))
    op.add_column("audit_segl", sa.Column("bevares_til", sa.DateTime(timezone=True), nullable=False))
    op.drop_constraint(op.f("fk_audit_segl_audit_id"), "audit_segl", type_="foreignkey")
    op.execute("UPDATE audit SET aktor_type = 'PERSON' WHERE aktor NOT LIKE 'system:%'")
    op.create_check_constraint(op.f("ck_audit_utfall"), "audit", "utfall IN ('OK', 'AVVIST', 'FEIL')")


def downgrade() -> None:
    op.execute("DELETE FROM audit_segl")
    op.drop_constraint(op.f("ck_audit_utfall"), "audit")
    op.create_foreign_key(op.f("fk_audit_segl_audit_id"), "audit_segl", "audit", ["audit_id"], ["id"])
    op.drop_column("audit_segl", "bevares_til")
    op.drop_column("audit_segl", "rad_hash")
    op.drop_index("ix_audit_handling", table_name="audit")
    op.drop_index("ix_audit_gjelder", table_name="audit", postgresql_where=sa.text("gjelder IS NOT NULL"))
    op.drop_column("audit", "hjemmel")
    op.drop_column("audit", "gjelder")
    op.drop_column("audit", "ressurs_id")
    op.drop_column("audit", "tjeneste")
    op.drop_column("audit", "utfall")
    op.drop_column("audit", "request_id")
    op.drop_column("audit", "kanal")
    op.drop_column("audit", "sikkerhetsniva")
    op.drop_column("audit", "paa_vegne_av")
    op.drop_column("audit", "integrasjon_id")
    op.drop_column("audit", "aktor_type")
