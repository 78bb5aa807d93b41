"""The konto's own machine and what somebody has written with eDialog: it pays, and neither reads it nor ends it."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from fiks.core.db import session, transaction
from fiks.svarut.models import Forsendelse
from fiks.svarut.rules import Opphav, Status
from tests.integration.api.fagsystem import Fagsystem, objects
from tests.submissions import FNR

READ = {"lestAvFodselsNummer": FNR, "navnPaEksterntSystem": "Websak", "datoLest": 1767225600000}


def written(fagsystem: Fagsystem, status: Status) -> str:
    """What somebody has sent with eDialog, billed to the konto."""
    own = fagsystem.sent()
    with transaction() as tx:
        changed = update(Forsendelse).where(Forsendelse.id == own)
        tx.execute(changed.values(opphav=Opphav.EDIALOG, status=status))
    return own


def status_of(fagsystem: Fagsystem, own: str) -> str:
    session().rollback()
    return str(fagsystem.get(f"/{own}/status").json["status"])


@pytest.mark.parametrize("status", [Status.KLAR_FOR_MOTTAK, Status.SENDT_PRINT])
def test_it_is_neither_read_nor_deleted_before_its_receiver_has_it(
    fagsystem: Fagsystem, status: Status
) -> None:
    own, theirs, before = written(fagsystem, status), fagsystem.sent(), objects()
    for answer in (
        fagsystem.post(f"/{own}/settLest", READ),
        fagsystem.post("/slettFiler", [{"id": own}]),
        fagsystem.post("/slettFiler", [{"id": theirs}, {"id": own}]),
    ):
        assert answer.status_code == 409
        assert answer.json["errorcode"] in ("HENVENDELSE_IKKE_MOTTATT", "BREVET_IKKE_SENDT")
    assert "mottakeren har ikke kvittert" in fagsystem.post(f"/{own}/settLest", READ).json["message"]
    assert (status_of(fagsystem, own), objects()) == (status, before)


def test_once_received_it_is_deleted_as_any_other(fagsystem: Fagsystem) -> None:
    own = written(fagsystem, Status.LEST)
    assert fagsystem.post(f"/{own}/settLest", READ).status_code == 200
    assert fagsystem.post("/slettFiler", [{"id": own}]).status_code == 204


def test_its_documents_are_not_told_of_and_its_history_is(fagsystem: Fagsystem) -> None:
    own = written(fagsystem, Status.KLAR_FOR_MOTTAK)
    assert fagsystem.get(f"/{own}/dokumentMetadata").json == {"dokumentMetadata": []}
    assert fagsystem.get(f"/{own}/historikk").json["hendelsesLogger"]
