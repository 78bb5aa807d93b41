"""let hand-overs take turns

When a channel was last asked about a hand-over it has sent no receipt of, so that those it was never asked about come
first the next night. It is a table of its own: the hand-overs themselves are many, and are not written to for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "d41f8a92c6e0"
down_revision = "b8e25d7f4a13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kanaloppslag",
        sa.Column("levering_id", sa.Uuid(), nullable=False),
        sa.Column("spurt", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("levering_id", name=op.f("pk_kanaloppslag")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON kanaloppslag TO fiks_app")


def downgrade() -> None:
    op.drop_table("kanaloppslag")
