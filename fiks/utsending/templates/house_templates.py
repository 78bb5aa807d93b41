"""The house's own templates, published by each release: all organisations may use them, none change them.

A version never changes, and a mailing keeps the version it chose (ADR 0048). A text may be published before
every portal can draw it, and stays when its release is rolled back: a portal that cannot read it offers the
version before (ADR 0053, `can_be_read`).
"""

from __future__ import annotations

import logging
from functools import lru_cache
from uuid import UUID

from sqlalchemy import func, select

from fiks.core import audit
from fiks.core.actor import SVEIPER, Aktor
from fiks.core.db import session, transaction
from fiks.konfigurasjon.operators import require_root
from fiks.utsending.brev import Brevmal, bundled_template, known_fields, stamping_obstacles
from fiks.utsending.models import Mal, Malversjon
from fiks.utsending.templates.service import find_faults

READY: dict[str, str] = {"eiendomsskatt": "Skatteseddel for eiendomsskatt", "brev": "Enkelt brev"}
"""Name of each bundled template, its identity: another name is another template."""


def publish(*, actor: Aktor) -> int:
    """Publish each bundled text that was never a version of its template; return how many. Root only.

    A text is published only once: otherwise an older release beside a newer would publish its text again, and
    the two would alternate.
    """
    require_root(actor)
    with transaction() as tx:
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("ferdige_maler", 0))))
        return sum(_publish(navn, bundled_template(key), actor) for key, navn in READY.items())


def publish_as_sweeper() -> int:
    """`publish` as a job of the sweeper."""
    return publish(actor=SVEIPER)


def _publish(navn: str, text: Brevmal, actor: Aktor) -> bool:
    """Publish one text; True if it was new."""
    tx = session()
    mal = tx.scalars(select(Mal).where(Mal.navn == navn, Mal.organisasjon_id.is_(None))).one_or_none()
    if mal is None:
        mal = Mal(navn=navn)
        tx.add(mal)
        tx.flush()
    ever = select(Malversjon.id).where(
        Malversjon.mal_id == mal.id,
        Malversjon.kilde_nb == text.kilde_nb,
        Malversjon.kilde_nn.is_not_distinct_from(text.kilde_nn),
        Malversjon.tittel_nb == text.tittel_nb,
        Malversjon.tittel_nn.is_not_distinct_from(text.tittel_nn),
    )
    if tx.scalar(select(ever.exists())):
        return False
    last = select(func.coalesce(func.max(Malversjon.versjon), 0)).where(Malversjon.mal_id == mal.id)
    made = Malversjon(
        mal_id=mal.id,
        versjon=tx.execute(last).scalar_one() + 1,
        kilde_nb=text.kilde_nb,
        kilde_nn=text.kilde_nn,
        tittel_nb=text.tittel_nb,
        tittel_nn=text.tittel_nn,
        hurtig=not stamping_obstacles(text),
    )
    tx.add(made)
    tx.flush()
    audit.record(actor, "MAL_PUBLISERT", "mal", mal.id, navn=navn, versjon=made.versjon)
    return True


log = logging.getLogger(__name__)


def can_be_read(version: Malversjon) -> bool:
    """Whether this release can make letters of a version of a house template; logged once if not.

    Not for an organisation's own templates: they may use columns of a list that is not known here.
    """
    text = Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn)
    return _can_be_read(version.id, text)


@lru_cache(maxsize=256)
def _can_be_read(versjon_id: UUID, text: Brevmal) -> bool:
    """The answer, cached for the life of the process, since a version never changes."""
    found = find_faults(text, known_fields())
    codes = sorted({fault.kode for part in found.values() for fault in part})
    if codes:
        log.warning("template_not_readable", extra={"malversjon": str(versjon_id), "koder": codes})
    return not codes
