"""let receivers have one index

`ix_forsendelse_innboks` begins with the receiver too: what asks for a receiver alone is answered by it, and every letter
that is taken in costs one index less.
"""

from __future__ import annotations

from migrations.large import create_index, drop_index

revision = "e19b40c7d852"
down_revision = "c83f5a2d71e9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    drop_index("ix_forsendelse_mottaker_indeks", "forsendelse")


def downgrade() -> None:
    create_index("ix_forsendelse_mottaker_indeks", "forsendelse", ["mottaker_indeks"])
