"""Shared by all pages of one mailing: its reference, its state, and what the visitor may do with it now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import flash, url_for

from fiks.core import clock
from fiks.core.errors import IkkeTilgang, Konflikt, UgyldigInndata
from fiks.konfigurasjon.konto.queries import is_held_by_anyone
from fiks.konfigurasjon.rules import P
from fiks.utsending.approval.service import MAY_RELEASE, may_stop
from fiks.utsending.draft import wizard
from fiks.utsending.editing.stale_form import VistEndret
from fiks.utsending.overview import mailing_page, mailings
from fiks.utsending.overview.mailing_page import Detalj
from fiks.utsending.rules import EDITABLE, MADE_ELSEWHERE, RELEASED, Art, Utsendingstatus, reference
from fiks.utsending.sending import progress as sending_progress
from fiks.utsending.sending.progress import Fremdrift, Hindringer
from portal.access.actor import current_actor
from portal.texts import error_text
from portal.texts.svarut.forsendelser import NIVAER
from portal.texts.utsending.filer import giro_text
from portal.utsending.blueprint import blueprint
from portal.utsending.letter_dates import Brevdatoer, late_dates
from portal.utsending.stop_groups import GRUPPER

U = Utsendingstatus
REFERENCE = re.compile(r"\d{4}-0*(\d{1,11})")
STEPS = (
    ("fakta", "Ny utsending"),
    ("mottakere", "Mottakere"),
    ("kontroll", "Kontroll"),
    ("brev", "Brev"),
    ("oppsummering", "Oppsummering"),
)
FAST, SLOW = 2, 15
HOUSE = frozenset({"sveiper", "arbeider", "opprydding", "kommando", "testmiljo"})


def number_sought(sok: str) -> int | None:
    """The number of the mailing that the search text names, as a number or as a reference; None for other
    texts.
    """
    found = REFERENCE.fullmatch(sok)
    number = found.group(1) if found else sok
    return int(number) if number.isascii() and number.isdigit() and len(number) < 12 else None


@dataclass(frozen=True, slots=True)
class Side:
    """One mailing as its pages show it. `rett`: the visitor's privileges on its konto.

    `egen`: the visitor prepared the present letters, or earlier ones of this mailing.
    """

    u: Detalj
    referanse: str
    rett: frozenset[P]
    egen: bool

    @property
    def kan_godkjenne(self) -> bool:
        return self.u.status is U.TIL_GODKJENNING and P.GODKJENNE in self.rett and not self.egen

    @property
    def kan_slette(self) -> bool:
        return self.u.status in EDITABLE and P.SENDE in self.rett

    @property
    def kan_trekke_tilbake(self) -> bool:
        return self.u.status in (U.TIL_GODKJENNING, U.GODKJENT) and P.SENDE in self.rett

    @property
    def kan_frigi(self) -> bool:
        return self.u.status is U.GODKJENT and not self.rett.isdisjoint(MAY_RELEASE)

    @property
    def kan_stoppe(self) -> bool:
        return self.u.status in (U.FRIGITT, U.SENDES) and not self.rett.isdisjoint(may_stop(self.u.status))

    @property
    def frigitt(self) -> bool:
        return self.u.status in RELEASED


def page_of(utsending_id: UUID) -> Side:
    """The mailing for a page; IkkeFunnet when the visitor may not know of it."""
    actor = current_actor()
    u = mailing_page.detail(utsending_id, actor=actor)
    return Side(
        u,
        reference(u.nr, u.opprettet),
        u.rettigheter,
        actor.person_id in u.klargjort_av_ider,
    )


@dataclass(frozen=True, slots=True)
class Levende:
    """The part of a page that refreshes itself. `takt`: seconds between refreshes; None when nothing changes."""

    status: Utsendingstatus
    takt: int | None
    ferdig: int
    antall: int
    fremdrift: Fremdrift | None
    sekunder: int | None
    hindringer: Hindringer | None = None
    datoer: Brevdatoer | None = None


def live_of(u: Detalj) -> Levende:
    """Compute the self-refreshing part of `u`'s page."""
    actor = current_actor()
    if u.status is U.PRODUSERES:
        done, total = mailings.production_progress(u.id, actor=actor)
        return Levende(u.status, FAST, done, total, None, None)
    if u.status is U.FRIGITT:
        assert u.frigis_tid is not None
        left = max(0, round((u.frigis_tid - clock.now()).total_seconds()))
        return Levende(u.status, FAST, 0, 0, None, left, sending_progress.obstacles(u.id, actor=actor))
    if u.status not in RELEASED:
        return Levende(u.status, None, 0, 0, None, None)
    progress = sending_progress.progress(u.id, actor=actor)
    total = progress.rader - progress.parkert
    under_way = bool(progress.venter or progress.per_status.get("AKSEPTERT", 0))
    if u.status is not U.SENDES:
        return Levende(u.status, None, progress.sendt, total, progress, None)
    pace, hindered = FAST if under_way else SLOW, sending_progress.obstacles(u.id, actor=actor)
    # One that waits for a person may be AKSEPTERT for weeks.
    moving = progress.venter or progress.per_status.get("AKSEPTERT", 0) > progress.til_behandling
    late = late_dates(u, under_way=bool(moving))
    return Levende(u.status, pace, progress.sendt, total, progress, None, hindered, late)


def countdown(seconds: int) -> str:
    """4 minutter og 12 sekunder."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    names = (("time", "timer"), ("minutt", "minutter"), ("sekund", "sekunder"))
    parts = [
        f"{n}\u00a0{one if n == 1 else many}"
        for n, (one, many) in zip((hours, minutes, rest), names, strict=True)
        if n
    ][:2]
    return " og ".join(parts) or "0\u00a0sekunder"


def actor_name(navn: str) -> str:
    """Who acted; background processes are all shown as «Automatisk»."""
    return "Automatisk" if navn in HOUSE else navn


@blueprint.context_processor
def template_helpers() -> dict[str, object]:
    """Helpers for the templates of a mailing."""
    return {
        "nedtelling": countdown,
        "aktornavn": actor_name,
        "stoppgrupper": GRUPPER,
        "innhold_av": describe_content,
        "giro_av": giro_of,
        "innlogging_av": login_of,
        "utskrift_av": print_of,
        "sist_ikke_laget": production_failure,
        "andre_kan_godkjenne": others_may_approve,
        "noen_ser_sperret": somebody_sees_restricted,
    }


def others_may_approve(u: Detalj) -> bool:
    """Whether anybody besides the preparers of the letters may approve them now."""
    return is_held_by_anyone(u.konto_id, (P.GODKJENNE,), but=u.klargjort_av_ider)


def somebody_sees_restricted(u: Detalj) -> bool:
    """Whether anybody may now see and close the letters in the restricted lane of the mailing's konto."""
    return is_held_by_anyone(u.konto_id, (P.SE_SPERRET,), (P.STOPPE,))


def describe_content(u: Detalj) -> str:
    """What is sent, in words."""
    if u.art == Art.FLETTEBREV:
        return f"Flettebrev etter malen «{u.mal}», versjon {u.malversjon}" if u.mal else "Flettebrev"
    if u.art == Art.SAMME_DOKUMENT:
        return "Samme dokument til alle" + (f", {u.dokument.filnavn}" if u.dokument else "")
    return OWN_DOCUMENTS[Art(u.art)]


def giro_of(u: Detalj) -> str:
    """Which pages go on giro paper; empty where no document can have such a page."""
    return giro_text(u.giro) if u.art in MADE_ELSEWHERE else ""


def login_of(u: Detalj) -> str:
    """The login level the receiver needs, in words."""
    return NIVAER[u.sikkerhetsniva]


def print_of(u: Detalj) -> str:
    """One- or two-sided, colour or black, in words."""
    return f"{'Tosidig' if u.tosidig else 'Ensidig'}, {'i farger' if u.farger else 'i svart-hvitt'}"


OWN_DOCUMENTS = {
    Art.ETT_DOKUMENT_PER_RAD: "Ett eller flere dokumenter for hver rad",
    Art.EN_STOR_PDF: "Én stor PDF, delt i brev",
}


def next_step(u: Detalj) -> str:
    """The step of the guided job where the draft must be worked on next."""
    jobb = wizard.wizard_progress(u.id, actor=current_actor())
    for ready, step in ((jobb.mottakere, "mottakere"), (jobb.kontroll, "kontroll"), (jobb.brev, "brev")):
        if not ready:
            return step
    return "oppsummering"


def steps_of(u: Detalj) -> list[tuple[str, str, str]]:
    """The steps for macro `trinnliste`: (text, address, state)."""
    here = [name for name, _ in STEPS].index(next_step(u))
    return [
        (
            text,
            url_for("utsending.steg", utsending_id=u.id, steg=name),
            "ferdig" if n < here else "her" if n == here else "senere",
        )
        for n, (name, text) in enumerate(STEPS)
    ]


def production_failure(u: Detalj) -> dict[str, Any] | None:
    """Why the last production of the letters failed: {feil[, antall]}. None once somebody has acted on it."""
    last = u.historikk[-1]
    if u.status not in EDITABLE or last.fra != U.PRODUSERES or "feil" not in last.detaljer:
        return None
    chosen_about = u.status is U.UTKAST and next_step(u) != "kontroll"
    return None if chosen_about else last.detaljer


@contextmanager
def flash_refusals() -> Iterator[None]:
    """Flash a refusal (Konflikt, UgyldigInndata, IkkeTilgang) on the page returned to.

    Raised further: NY_INNLOGGING, which asks for a fresh login, and VistEndret, whose page is shown anew.
    """
    try:
        yield
    except VistEndret:
        raise
    except IkkeTilgang as error:
        if error.kode == "NY_INNLOGGING":
            raise
        flash(error_text(error), "danger")
    except (Konflikt, UgyldigInndata) as error:
        flash(error_text(error), "warning")


def receivers_of(u: Detalj) -> str:
    """Source of the receivers in words: the file's name, typed in, or an earlier mailing."""
    file = u.samlet if u.art == Art.EN_STOR_PDF else u.liste
    if file is None:
        return "Brev som ikke ble sendt i en tidligere utsending" if u.forrige_id else "Skrevet inn for hånd"
    return f"{file.filnavn}, med {u.tillegg.filnavn} i tillegg" if u.tillegg else file.filnavn
