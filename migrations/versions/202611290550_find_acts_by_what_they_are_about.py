"""find acts by what they are about

Whether every reading of a mailing's letters is in the audit log is asked letter by letter. Without an index the whole log
was read for each mailing.
"""

from __future__ import annotations

from alembic import op

revision = "e4a7c05b92d1"
down_revision = "d41f8a92c6e0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_objekt_id", "audit", ["objekt_id", "handling"])


def downgrade() -> None:
    op.drop_index("ix_audit_objekt_id", table_name="audit")
