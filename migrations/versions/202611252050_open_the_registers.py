"""open the registers"""

from __future__ import annotations

from alembic import op

revision = "3d8e0b6f42a7"
down_revision = "a3d95b7e104c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO privilegium (ressurs_type, navn, aktorer)"
        " VALUES ('FIKS_ORG', 'REGISTER.OPPSLAG', '{PERSON,INTEGRASJON}')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM privilegium WHERE navn = 'REGISTER.OPPSLAG'")
