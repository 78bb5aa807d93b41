"""delete old audit rows by age, and only so"""

from __future__ import annotations

from alembic import op

revision = "a1d4e8c27f60"
down_revision = "c8e41f7a60d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The app's role may not delete from the log; it may only ask the owner to delete what is old enough. What is old
    # enough stands here and takes no argument, so that the app cannot make it less: both the seal's date and the floor
    # (12 months for acts of logging in, 5 years for all others) must be past. now() is the server's clock.
    op.execute("""
        CREATE FUNCTION slett_gammel_revisjon(maks integer) RETURNS bigint
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS $$
            WITH doomed AS (
                SELECT a.id FROM public.audit a JOIN public.audit_segl s ON s.audit_id = a.id
                WHERE s.bevares_til < now() AND a.tid < now() - CASE
                    WHEN a.handling IN (
                        'INNLOGGET', 'INNLOGGING_FEILET', 'UTLOGGET', 'NIVAAHEVING', 'AKTOR_VALGT'
                    ) THEN interval '12 months' ELSE interval '5 years' END
                ORDER BY a.id LIMIT greatest(maks, 0)
            ), gone AS (DELETE FROM public.audit a USING doomed d WHERE a.id = d.id RETURNING a.id)
            SELECT count(*) FROM gone
        $$
    """)
    op.execute("REVOKE ALL ON FUNCTION slett_gammel_revisjon(integer) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION slett_gammel_revisjon(integer) TO fiks_app")
    op.create_index("ix_audit_segl_bevares_til", "audit_segl", ["bevares_til"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_segl_bevares_til", table_name="audit_segl")
    op.execute("DROP FUNCTION slett_gammel_revisjon(integer)")
