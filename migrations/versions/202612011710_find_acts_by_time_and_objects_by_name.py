"""find acts by time and objects by name

A period of the audit log begins and ends at an id that its time gives. What an object of a mailing is still used for is asked
of every mailing, each time one is emptied or a list replaced.
"""

from __future__ import annotations

from sqlalchemy import text

from migrations.large import create_index, drop_index

revision = "b7e2409dc613"
down_revision = "5d1c7ab94e20"
branch_labels = None
depends_on = None

PICTURES = "form ? 'bilder'"


def upgrade() -> None:
    create_index("ix_audit_tid", "audit", ["tid"])
    create_index("ix_opplasting_objekt", "opplasting", ["objekt"])
    create_index("ix_opplasting_bilder", "opplasting", ["utsending_id"], postgresql_where=text(PICTURES))
    create_index("ix_brevfil_bilder", "brevfil", ["utsending_id"], postgresql_where=text(PICTURES))


def downgrade() -> None:
    drop_index("ix_audit_tid", "audit")
    drop_index("ix_opplasting_objekt", "opplasting")
    drop_index("ix_opplasting_bilder", "opplasting")
    drop_index("ix_brevfil_bilder", "brevfil")
