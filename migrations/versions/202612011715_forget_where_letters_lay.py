"""forget where letters lay

The BRIN index of when letters were handed over took it that they lie in that order. A letter is written anew after it was
handed over, into whatever page has room, so that a few minutes were in every part of the table.
"""

from __future__ import annotations

from migrations.large import create_index, drop_index

revision = "e60a1f8d35b7"
down_revision = "b7e2409dc613"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_index("ix_forsendelse_overlevert", "forsendelse")


def downgrade() -> None:
    create_index("ix_forsendelse_overlevert", "forsendelse", ["overlevert"], postgresql_using="brin")
