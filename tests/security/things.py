"""What the routes are about: mailings in every state, with letters, previews, uploads and templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon.agreements import in_force
from fiks.konfigurasjon.kontoer import create_konto
from fiks.svarut.rules import Status
from fiks.svarut.transitions import move_forsendelse
from fiks.utsending import approval
from fiks.utsending.models import Arbeidsdel, Mal, Malversjon, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Utsendingstatus
from tests.doubles import tiny_pdf
from tests.integration.utsending.kommuner import ROOT, Kommune, feed, make_mailing, release

U = Utsendingstatus
ROW = 2
"""The first row of a mailing of `make_mailing`."""


@dataclass(frozen=True)
class Things:
    """Ids of everything that hangs on one mailing; `forsendelse_id` None before it is sent."""

    utsending_id: UUID
    del_id: int
    malversjon_id: UUID
    forsendelse_id: UUID | None
    pid: str
    konto_id: UUID
    avtale_id: UUID
    person_id: UUID

    def values(self) -> dict[str, Any]:
        """A value for every variable a route may have. A new one must be added here."""
        return {
            "utsending_id": self.utsending_id,
            "fiks_org_id": self.utsending_id,
            "forsendelse_id": self.forsendelse_id or self.utsending_id,
            "del_id": self.del_id,
            "person_id": self.person_id,
            "radnr": ROW,
            "nr": 1,
            "side": 1,
            "fil": "brev",
            "filformat": "csv",
            "gruppe": "stoppet",
            "steg": "mottakere",
            "filename": "app.css",
            "trinn": "kontakt",
            "kode": "SVARUT",
            "konto_id": self.konto_id,
            "avtale_id": self.avtale_id,
        }


def make_things(
    kommune: Kommune, status: Utsendingstatus = U.UTKAST, *, bestilt_av: UUID | None = None, **marks: str
) -> Things:
    """A mailing of two letters in `status` with a preview of the first, ordered by `bestilt_av`.

    `marks`: `tittel` of the mailing, `mal` the name of its template.
    """
    sent = status in (U.SENDES, U.STOPPET)
    mailing = make_mailing(kommune, 2, status=U.TIL_GODKJENNING if sent or status is U.GODKJENT else status)
    version = make_template(kommune, marks.get("mal", "Egen mal"))
    person = bestilt_av or kommune.personer["saksbehandler"]
    with transaction() as tx:
        row = tx.get_one(Utsending, mailing.id)
        row.tittel = marks.get("tittel", row.tittel)
        if status is U.UTKAST:
            row.malversjon_id = version
        tx.add(_document(mailing.id, person))
        part = Arbeidsdel(
            utsending_id=mailing.id, art=Delart.FORHANDSVISNING, nr=1, fra=ROW, til=ROW, status="FERDIG"
        )
        part.bestilt_av, part.resultat = person, _preview_files()
        tx.add(part)
        tx.flush()
        del_id = part.id
    if sent:
        redo_digest(mailing.id)
        release(kommune, mailing)
        feed(mailing)
    letter = session().scalar(
        select(Utsendingsrad.forsendelse_id).where(
            Utsendingsrad.utsending_id == mailing.id, Utsendingsrad.radnr == ROW
        )
    )
    colleague = kommune.personer["saksbehandler"]
    avtale = in_force(None)
    assert avtale is not None
    return Things(
        mailing.id, del_id, version, letter, mailing.fnr[ROW], spare_konto(kommune.id), avtale.id, colleague
    )


@cache
def spare_konto(organisasjon_id: UUID) -> UUID:
    """A konto to rename, close and open that no mailing is sent from; one for each organisation."""
    return create_konto(
        organisasjon_id, visningsnavn="Reserve", avsender=f"reserve-{organisasjon_id}", actor=ROOT
    )


def hand_over(forsendelse_id: UUID) -> None:
    """As if the letter had been taken by Altinn."""
    with transaction():
        assert move_forsendelse(
            forsendelse_id,
            fra=(Status.AKSEPTERT,),
            til=Status.SENDT_ALTINN,
            kode="SENDT_ALTINN",
            aktor="system:test",
        )


def redo_digest(utsending_id: UUID) -> None:
    """The content was changed after it was made: make the approval's digest anew."""
    digest = approval.compute_digest(utsending_id)
    with transaction() as tx:
        tx.get_one(Utsending, utsending_id).innhold_digest = digest


def make_template(kommune: Kommune, navn: str) -> UUID:
    """A template of the kommune's own; returns its version's id."""
    with transaction() as tx:
        mal = Mal(organisasjon_id=kommune.id, navn=navn)
        tx.add(mal)
        tx.flush()
        version = Malversjon(mal_id=mal.id, versjon=1, kilde_nb=f"Brev fra {navn}.", tittel_nb=navn)
        tx.add(version)
        tx.flush()
        return version.id


def _preview_files() -> list[dict[str, Any]]:
    pdf = tiny_pdf(["Brev"])
    stored = current().store.put_segment([pdf, b"\x89PNG side 1"], current().keys)
    return [
        {"slag": slag, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for slag, s in zip(("brev", "brevside"), stored, strict=True)
    ]


def _document(utsending_id: UUID, person: UUID) -> Opplasting:
    pdf = tiny_pdf(["Vedlegg"])
    [picture] = current().store.put_segment([b"\x89PNG dokument"], current().keys)
    stored = current().store.put_document([pdf], current().keys)
    shown = {"side": 1, "objekt": picture.objekt, "fra": picture.fra, "lengde": picture.lengde}
    return Opplasting(
        utsending_id=utsending_id,
        art="DOKUMENT",
        filnavn="vedlegg.pdf",
        storrelse=len(pdf),
        sha256=sha256(pdf).digest(),
        objekt=stored.objekt,
        nokkel=stored.nokkel,
        status="LEST",
        sider=1,
        form={"bilder": [{**shown, "nokkel": picture.nokkel.hex()}]},
        opprettet_av=person,
    )
