"""What the routes are about: mailings in every state, with letters, previews, uploads and templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update

from fiks.core import clock
from fiks.core.actor import Aktor, Aktortype
from fiks.core.db import session, transaction
from fiks.core.environment import current
from fiks.core.values.address import Adresse
from fiks.core.values.calendar import OSLO
from fiks.edialog import service as edialog
from fiks.edialog.mottaker import forms
from fiks.edialog.mottaker import service as mottaker_service
from fiks.edialog.rules import Avsender, Mottakeroppsett, Skjemaoppsett, Utkast
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale.service import version_in_force
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.grupper.service import add_members, create_gruppe
from fiks.konfigurasjon.integrasjon import grants, queries, service
from fiks.konfigurasjon.integrasjon.grants import Tilgangsvalg
from fiks.konfigurasjon.integrasjon.rules import Integrasjonsfakta
from fiks.konfigurasjon.konto import settings
from fiks.konfigurasjon.konto.rules import Forside
from fiks.konfigurasjon.konto.service import create_konto
from fiks.konfigurasjon.models import Organisasjon
from fiks.konfigurasjon.organisasjon import own_data
from fiks.konfigurasjon.rules import P, for_machines
from fiks.sms.service import send_to_list
from fiks.svarinn import service as svarinn
from fiks.svarinn.rules import Koblingsfakta
from fiks.svarut.models import Forsendelse, Levering
from fiks.svarut.rules import Kanal, Leveringsstatus, Status
from fiks.svarut.svarinn_handover import begin_wait
from fiks.svarut.transitions import move_forsendelse
from fiks.utsending.approval import service as approval_service
from fiks.utsending.file_models import Brevfil, Radfil
from fiks.utsending.models import Arbeidsdel, Mal, Malversjon, Opplasting, Utsending, Utsendingsrad
from fiks.utsending.rules import Delart, Utsendingstatus
from tests.doubles import tiny_pdf
from tests.integration.houses import Hus, new_fnr, new_orgnr
from tests.integration.sms.gateways import use_varsling
from tests.integration.svarut.letters import make_document, make_letter
from tests.integration.systems import make_system, nobody, use_svarinn
from tests.integration.utsending.kommuner import (
    ROOT,
    Kommune,
    feed,
    make_mailing,
    release,
)

U = Utsendingstatus
ROW = 2
"""The first row of a mailing of `make_mailing`."""


@dataclass(frozen=True)
class Things:
    """Ids of everything that hangs on one mailing; `forsendelse_id` None before it is sent.

    `mottaksbrev_id` is a letter that waits for the kommune's mottakersystem.
    """

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
    skjema_id: UUID
    skjemanr: int
    ident: str
    gruppe_id: UUID
    gjennomgang_id: UUID
    smskonto_id: UUID
    smsutsendelse_id: UUID
    system_id: UUID
    kobling_id: UUID
    mottaksbrev_id: UUID

    def values(self, om: str = "") -> dict[str, Any]:
        """A value for every variable a route `om` this may have. A new one must be added here."""
        letter = self.mottaksbrev_id if om == "mottak" else self.forsendelse_id
        return {
            "utsending_id": self.utsending_id,
            "fiks_org_id": self.utsending_id,
            "forsendelse_id": letter or self.utsending_id,
            "del_id": self.del_id,
            "person_id": self.person_id,
            "radnr": ROW,
            "nr": 1,
            "side": 1,
            "fil": "brev",
            "funngruppe": "PDF_MARG:1:venstre:4",
            "filformat": "csv",
            "gruppe": "stoppet",
            "steg": "mottakere",
            "filename": "app.css",
            "trinn": "kontakt",
            "aar": datetime.now(OSLO).year,
            "kode": "SVARUT",
            "klasse": "NORMAL",
            "leverandor": "GRAFISK_DIGITAL",
            "ordre_id": self.utsending_id,
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
            "smskonto_id": self.smskonto_id,
            "smsutsendelse_id": self.smsutsendelse_id,
            "sms_id": self.smsutsendelse_id,
            "system_id": self.system_id,
            "kobling_id": self.kobling_id,
            "navn": "ingen-slik-fil",
            "orgnr": "310000000",
            "referanse": "2026/118",
            "skjema_id": self.skjema_id,
            "skjemanr": self.skjemanr,
            "mottaker_id": self.skjema_id,
            "organisasjonsnummer": "310000000",
            "fil_id": self.skjema_id,
            "ident": self.ident,
        }


def make_things(
    kommune: Kommune, status: Utsendingstatus = U.UTKAST, *, bestilt_av: UUID | None = None, **marks: str
) -> Things:
    """A mailing of two letters in `status` with a preview of the first, ordered by `bestilt_av`.

    `marks`: `tittel` of the mailing, `mal` the name of its template. One transaction makes it all.
    """
    with transaction():
        return _make_things(kommune, status, bestilt_av, marks)


def _make_things(
    kommune: Kommune, status: Utsendingstatus, bestilt_av: UUID | None, marks: dict[str, str]
) -> Things:
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
        tx.add(file := _file(mailing.id, person))
        tx.flush()
        tx.add(Radfil(utsending_id=mailing.id, radnr=ROW, nr=1, brevfil_id=file.id))
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
    avtale = version_in_force(None)
    assert avtale is not None
    group = create_gruppe(kommune.id, navn=f"Gruppe {uuid4().hex[:8]}", actor=ROOT)
    add_members(group, personer=[colleague], actor=ROOT)
    review = gjennomgang_service.open_review(kommune.id) or gjennomgang_service.start_review(
        kommune.id, actor=ROOT
    )
    own_data.set_logo(kommune.id, b"\x89PNG", "image/png", actor=ROOT)  # another route may have removed it
    konto_id = spare_konto(kommune.id)
    integrasjon_id, maskintilgang_id = make_machine(kommune.id, konto_id)
    ident = open_edialog(kommune.id)
    smskonto_id, smsutsendelse_id = spare_sms(kommune.id)
    return Things(
        skjema_id=make_skjema(ident),
        skjemanr=open_form(konto_id),
        ident=ident,
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
        smskonto_id=smskonto_id,
        smsutsendelse_id=smsutsendelse_id,
        organisasjon_id=kommune.id,
        integrasjon_id=integrasjon_id,
        maskintilgang_id=maskintilgang_id,
        global_id=make_global_machine(),
        system_id=(system_id := receiving_system(kommune.id)),
        kobling_id=make_kobling(system_id),
        mottaksbrev_id=make_waiting(kommune, system_id),
    )


@cache
def open_edialog(organisasjon_id: UUID) -> str:
    """The organisation can be written to, at a konto that no other route closes; returns its short id."""
    org = session().get_one(Organisasjon, organisasjon_id)
    avsender = f"edialog-{organisasjon_id}"
    konto_id = create_konto(organisasjon_id, visningsnavn="eDialog", avsender=avsender, actor=ROOT)
    said = Mottakeroppsett(org.orgnr, org.navn, "Torget 1", "", "", "4262", "AVALDSNES", True)
    return mottaker_service.set_mottaker(konto_id, said, spor=nobody, actor=ROOT)


def make_skjema(ident: str) -> UUID:
    """What some citizen has written, and not sent."""
    person_id = konfigurasjon.register_person(new_fnr(), navn="Nina Vik", actor=ROOT)
    writer = Aktor(Aktortype.PERSON, "Nina Vik", person_id=person_id, acr=3)
    made = edialog.begin(ident, Avsender(), actor=writer)
    sender = Avsender(Adresse("Nina Vik", "Lia 4", "", "", "4262", "AVALDSNES", ""))
    edialog.save(made, Utkast("Sak 17", "Hei.", sender), sensitivt=False, actor=writer)
    return made


def make_colleague(kommune: Kommune) -> tuple[UUID, UUID]:
    """Somebody to look at, log out and take everything from, and the one grant they hold."""
    person_id = konfigurasjon.register_person(new_fnr(), navn="Siri Kollega", actor=ROOT)
    grant = konfigurasjon.grant_privilegium(person_id, P.LESE, kommune.konto_id, actor=ROOT)
    return person_id, grant


def make_machine(organisasjon_id: UUID, konto_id: UUID) -> tuple[UUID, UUID]:
    """An integrasjon of the organisation, and its one tilgang: to send from the konto."""
    own, fakta = uuid4(), Integrasjonsfakta("Fagsystem", new_orgnr())
    service.create_integrasjon(organisasjon_id, integrasjon_id=own, fakta=fakta, actor=ROOT)
    shown = queries.tilganger_digest(own, organisasjon_id)
    valg = [Tilgangsvalg(P.SENDE, konto_id)]
    grants.approve_integrasjon(own, organisasjon_id, valg=valg, shown=shown, actor=ROOT)
    [held] = queries.tilganger_of(own, organisasjon_id, actor=ROOT)
    return own, held.id


def make_global_machine() -> UUID:
    """A global integrasjon that asks for everything a machine may hold, and is let in nowhere."""
    own, fakta = uuid4(), Integrasjonsfakta("Felles fagsystem", new_orgnr())
    service.create_global_integrasjon(
        integrasjon_id=own,
        kode=f"FELLES.{own.hex.upper()}",
        fakta=fakta,
        forespurte=for_machines(),
        actor=ROOT,
    )
    return own


@cache
def spare_konto(organisasjon_id: UUID) -> UUID:
    """A konto to rename, close and open that no mailing is sent from, with a mottaker; one for each organisation."""
    name, office = f"reserve-{organisasjon_id}", new_orgnr()
    konto_id = create_konto(organisasjon_id, visningsnavn="Reserve", avsender=name, actor=ROOT)
    forside = Forside(office, "Reserve", "Torget 1", "4262", "AVALDSNES")
    settings.set_forside(konto_id, forside, actor=ROOT)
    said = Mottakeroppsett(office, "Reserve", "Torget 1", "", "", "4262", "AVALDSNES", False)
    mottaker_service.set_mottaker(konto_id, said, spor=nobody, actor=ROOT)
    return konto_id


def open_form(konto_id: UUID) -> int:
    """The number of a form made for its purpose, of the konto's mottaker."""
    for form in forms.forms_of_konto(konto_id, actor=ROOT):
        if form.tittel:
            return form.nr
    return forms.add_form(konto_id, Skjemaoppsett("Klage", "Klage på vedtak"), actor=ROOT)


@cache
def spare_sms(organisasjon_id: UUID) -> tuple[UUID, UUID]:
    """An SMS konto to rename, close and open, and a sending from it; one for each organisation."""
    konto_id = use_varsling(organisasjon_id)
    return konto_id, send_to_list(konto_id, "Vannet er stengt.", "90000001", nokkel="", actor=ROOT)


@cache
def receiving_system(organisasjon_id: UUID) -> UUID:
    """The organisation's one mottakersystem."""
    if not activation.is_active(organisasjon_id, activation.SVARINN):
        person_id = konfigurasjon.register_person(new_fnr(), navn="Siri Signerer", actor=ROOT)
        konfigurasjon.grant_privilegium(person_id, P.ADMIN, organisasjon_id, actor=ROOT)
        use_svarinn(organisasjon_id, person_id, "Siri Signerer")
    return make_system(i=organisasjon_id).id


def make_kobling(system_id: UUID) -> UUID:
    """One more organisation that the system receives for."""
    return svarinn.add_kobling(system_id, Koblingsfakta(new_orgnr()), spor=nobody, actor=ROOT)


@cache
def receiver() -> str:
    """The organisation number of all the letters that wait for a mottakersystem."""
    return new_orgnr()


def make_waiting(kommune: Kommune, system_id: UUID, **columns: object) -> UUID:
    """A letter that waits for the system, as if it had been handed over; `columns` are set behind the house."""
    with transaction() as tx:
        dokument = make_document(tiny_pdf(["Et brev som venter"]))
        made = make_letter(Hus(kommune.id, kommune.konto_id, ""), receiver(), dokument=dokument)
        handed = {"status": Leveringsstatus.OVERLEVERT, "kanal": Kanal.SVARINN}
        tx.execute(update(Levering).where(Levering.forsendelse_id == made).values(**handed))
        assert move_forsendelse(
            made,
            fra=(Status.AKSEPTERT,),
            til=Status.KLAR_FOR_MOTTAK,
            kode="KLAR_FOR_MOTTAK",
            aktor="system:test",
        )
        begin_wait(made, system_id, klar=clock.now(), klarfiler={})
        if columns:
            tx.execute(update(Forsendelse).where(Forsendelse.id == made).values(**columns))
    return made


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
    digest = approval_service.compute_digest(utsending_id)
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
    stored = current().store.put_segment([pdf, b"\x89PNG side 1", pdf], current().keys)
    return [
        {"slag": slag, "objekt": s.objekt, "fra": s.fra, "lengde": s.lengde, "nokkel": s.nokkel.hex()}
        for slag, s in zip(("brev", "brevside", "dokument"), stored, strict=True)
    ]


def _file(utsending_id: UUID, person: UUID) -> Brevfil:
    """A finished PDF of the mailing, number 1."""
    pdf = tiny_pdf(["Brev"])
    stored = current().store.put_document([pdf], current().keys)
    return Brevfil(
        utsending_id=utsending_id,
        nr=1,
        vist_navn="brev.pdf",
        storrelse=stored.storrelse,
        sha256=stored.sha256,
        objekt=stored.objekt,
        nokkel=stored.nokkel,
        sider=1,
        status="LEST",
        opprettet_av=person,
    )


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
