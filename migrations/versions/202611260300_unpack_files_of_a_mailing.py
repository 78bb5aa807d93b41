"""unpack files of a mailing"""

from __future__ import annotations

from alembic import op

revision = "5d2a90c7e413"
down_revision = "5d1c8e7f2a93"
branch_labels = None
depends_on = None

CHECKS = {
    "opplasting": ("'LISTE', 'DOKUMENT', 'SAMLET', 'TILLEGGSLISTE'", "'ZIP'"),
    "arbeidsdel": ("'LES', 'RENDER', 'FORHANDSVISNING', 'PROVEBREV', 'FIL', 'KUTT'", "'PAKK_UT'"),
}


def upgrade() -> None:
    for table, (known, added) in CHECKS.items():
        _allow(table, f"{known}, {added}")


def downgrade() -> None:
    for table, (known, added) in CHECKS.items():
        op.execute(f"DELETE FROM {table} WHERE art = {added}")
        _allow(table, known)


def _allow(table: str, values: str) -> None:
    name = op.f(f"ck_{table}_art")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f"art IN ({values})")
