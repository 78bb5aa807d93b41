"""Four eyes (ADR 0038): whoever prepared the letters that wait for approval may never approve them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, all_, and_, case, func, literal
from sqlalchemy.dialects.postgresql import ARRAY

from fiks.utsending.models import Utsending
from fiks.utsending.rules import Utsendingstatus

PREPARED_BEFORE: ColumnElement[list[UUID]] = case(
    (Utsending.status == Utsendingstatus.KONTROLLERT, literal([], ARRAY(Uuid()))),
    else_=func.array_append(Utsending.klargjort_tidligere, Utsending.klargjort_av),
)
"""SQL: `klargjort_tidligere` when letters are made. Empty from a draft, whose summary the preparer saw; the
earlier preparers when existing letters get another date.
"""


def preparers(row: Utsending) -> frozenset[UUID]:
    """Everybody who prepared the present letters."""
    return frozenset(row.klargjort_tidligere) | ({row.klargjort_av} if row.klargjort_av else set())


def not_prepared_by(person_id: UUID | None) -> ColumnElement[bool]:
    """SQL on a mailing: the person is none of its `preparers`."""
    return and_(
        Utsending.klargjort_av.is_distinct_from(person_id),
        literal(person_id, Uuid()) != all_(Utsending.klargjort_tidligere),
    )
