"""What the routes are about: mailings in every state, with letters, previews, uploads and templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.konfigurasjon import contact, integration_grants, integration_queries, integrations, reviews
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.agreements import in_force
from fiks.konfigurasjon.groups import add_members, create_gruppe
from fiks.konfigurasjon.integration_grants import Tilgangsvalg
from fiks.konfigurasjon.integration_rules import Integrasjonsfakta
from fiks.konfigurasjon.kontoer import create_konto
from fiks.konfigurasjon.rules import P, for_machines
from fiks.svarut.rules import Status
from fiks.svarut.transitions import move_forsendelse
from fiks.utsending import approval
from fiks.utsending.models import Arbeidsdel, Mal, Malversjon, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Utsendingstatus
from tests.doubles import tiny_pdf
from tests.integration.utsending.kommuner import (
    ROOT,
    Kommune,
    feed,
    make_mailing,
    new_fnr,
    new_orgnr,
    release,
)

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
    organisasjon_id: UUID
    integrasjon_id: UUID
    maskintilgang_id: UUID
    global_id: UUID
    tilgang_id: UUID
    gruppe_id: UUID
    gjennomgang_id: UUID

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
            "ressurs_id": self.konto_id,
            "tilgang_id": self.tilgang_id,
            "kontodel": "forside",
            "avtale_id": self.avtale_id,
            "organisasjon_id": self.organisasjon_id,
            "integrasjon_id": self.integrasjon_id,
            "maskintilgang_id": self.maskintilgang_id,
            "global_id": self.global_id,
            "gruppe_id": self.gruppe_id,
            "gjennomgang_id": self.gjennomgang_id,
            "navn": "ingen-slik-fil",
            "orgnr": "310000000",
            "referanse": "2026/118",
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
    colleague, grant = make_colleague(kommune)
    avtale = in_force(None)
    assert avtale is not None
    group = create_gruppe(kommune.id, navn=f"Gruppe {uuid4()}", actor=ROOT)
    add_members(group, personer=[colleague], actor=ROOT)
    review = reviews.open_review(kommune.id) or reviews.start_review(kommune.id, actor=ROOT)
    contact.set_logo(kommune.id, b"\x89PNG", "image/png", actor=ROOT)  # another route may have removed it
    konto_id = spare_konto(kommune.id)
    integrasjon_id, maskintilgang_id = make_machine(kommune.id, konto_id)
    return Things(
        utsending_id=mailing.id,
        del_id=del_id,
        malversjon_id=version,
        forsendelse_id=letter,
        pid=mailing.fnr[ROW],
        konto_id=konto_id,
        avtale_id=avtale.id,
        person_id=colleague,
        tilgang_id=grant,
        gruppe_id=group,
        gjennomgang_id=review,
        organisasjon_id=kommune.id,
        integrasjon_id=integrasjon_id,
        maskintilgang_id=maskintilgang_id,
        global_id=make_global_machine(),
    )


def make_colleague(kommune: Kommune) -> tuple[UUID, UUID]:
    """Somebody to look at, log out and take everything from, and the one grant they hold."""
    person_id = konfigurasjon.register_person(new_fnr(), navn="Siri Kollega", actor=ROOT)
    grant = konfigurasjon.grant_privilegium(person_id, P.LESE, kommune.konto_id, actor=ROOT)
    return person_id, grant


def make_machine(organisasjon_id: UUID, konto_id: UUID) -> tuple[UUID, UUID]:
    """An integrasjon of the organisation, and its one tilgang: to send from the konto."""
    own, fakta = uuid4(), Integrasjonsfakta("Fagsystem", new_orgnr())
    integrations.create_integrasjon(organisasjon_id, integrasjon_id=own, fakta=fakta, actor=ROOT)
    shown = integration_queries.tilganger_digest(own, organisasjon_id)
    valg = [Tilgangsvalg(P.SENDE, konto_id)]
    integration_grants.approve_integrasjon(own, organisasjon_id, valg=valg, shown=shown, actor=ROOT)
    [held] = integration_queries.tilganger_of(own, organisasjon_id, actor=ROOT)
    return own, held.id


def make_global_machine() -> UUID:
    """A global integrasjon that asks for everything a machine may hold, and is let in nowhere."""
    own, fakta = uuid4(), Integrasjonsfakta("Felles fagsystem", new_orgnr())
    integrations.create_global_integrasjon(
        integrasjon_id=own,
        kode=f"FELLES.{own.hex.upper()}",
        fakta=fakta,
        forespurte=for_machines(),
        actor=ROOT,
    )
    return own


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
