"""Cover sheet of a paper letter: receiver in the window, sender, title (svarut.md 6.1).

Letters from fagsystemer get theirs here when they go on paper; those of a mailing are drawn with its letters
(`inputs`), with the same sender and text. Sender, first that exists: the reply address (svarSendesTil), the
konto's own sender, the organisation.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from fiks.core import clock
from fiks.core.actor import Aktor
from fiks.core.db import session
from fiks.core.values.address import Adresse, country_line
from fiks.core.values.calendar import OSLO
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Konto, Organisasjon
from fiks.konfigurasjon.rules import P
from fiks.svarut.letters import Brev
from fiks.svarut.paid_by_konto import is_only_billed
from fiks.utsending.brev import (
    Avsender,
    Brevkontekst,
    Brevmal,
    Brevtrykker,
    Logo,
    bundled_template,
    check_template,
)

log = logging.getLogger(__name__)
NOBODY = Avsender("", "", "", (), "", "")
"""Sender of whom only a name and an address are known."""


def draw_cover(brev: Brev, trykker: Brevtrykker) -> bytes:
    """The cover sheet as PDF. Errors as `Brevtrykker.letter`.

    A letter sent with eDialog shows nothing of the konto, which only pays.
    """
    to, answers = brev.mottaker.adresse, brev.svar_sendes_til
    if is_only_billed(brev.opphav) and answers is not None:
        return _drawn(sender_at(NOBODY, answers), bundled_template("forside"), brev.tittel, to, trykker)
    return _draw(brev.konto_id, brev.tittel, to, answers, trykker)


def preview_cover(
    konto_id: UUID, tittel: str, eksempel: Adresse, trykker: Brevtrykker, *, actor: Aktor
) -> bytes:
    """The konto's cover sheet for a letter with this title to `eksempel`. Needs ADMIN on the konto."""
    konfigurasjon.require(actor, P.ADMIN, konto_id)
    return _draw(konto_id, tittel, eksempel, None, trykker)


def _draw(
    konto_id: UUID, tittel: str, mottaker: Adresse, answers: Adresse | None, trykker: Brevtrykker
) -> bytes:
    org, oppsett = (
        session()
        .execute(
            select(Organisasjon, Kontooppsett)
            .join(Konto, Konto.organisasjon_id == Organisasjon.id)
            .outerjoin(Kontooppsett, Kontooppsett.konto_id == Konto.id)
            .where(Konto.id == konto_id)
        )
        .one()
    )
    sender = cover_sender(sender_of(org), oppsett, answers)
    return _drawn(sender, cover_template(oppsett), tittel, mottaker, trykker)


def _drawn(
    sender: Avsender, template: Brevmal, tittel: str, mottaker: Adresse, trykker: Brevtrykker
) -> bytes:
    context = Brevkontekst(sender, tittel, clock.now().astimezone(OSLO).date())
    session().rollback()
    return trykker.letter(template, receiver_values(mottaker), context)


def sender_of(org: Organisasjon) -> Avsender:
    """The organisation as sender on a letterhead."""
    return Avsender(
        navn=org.navn,
        orgnr=org.orgnr,
        kommunenr=org.kommunenr or "",
        adresselinjer=(org.adresselinje1,) if org.adresselinje1 else (),
        postnr=org.postnr,
        poststed=org.poststed,
        epost=org.epost or "",
        telefon=org.telefon or "",
        apningstid=org.apningstid or "",
        nett=org.nettsted or "",
        logo=Logo(org.logo, org.logo_type) if org.logo and org.logo_type else None,
    )


def cover_sender(own: Avsender, oppsett: Kontooppsett | None, answers: Adresse | None) -> Avsender:
    """The sender that the cover sheet shows."""
    if answers is not None:
        return sender_at(own, answers)
    if oppsett is not None and oppsett.forside_navn:
        given = (
            oppsett.forside_adresselinje1,
            oppsett.forside_adresselinje2,
            oppsett.forside_adresselinje3,
            oppsett.forside_postnr,
            oppsett.forside_poststed,
        )
        return sender_at(own, Adresse(oppsett.forside_navn, *(part or "" for part in given)))
    return own


def sender_at(own: Avsender, adresse: Adresse) -> Avsender:
    """The sender with another name and address; abroad, the country is the last line."""
    lines = [adresse.adresselinje1, adresse.adresselinje2, adresse.adresselinje3]
    postnr, poststed, country = adresse.postnr, adresse.poststed, country_line(adresse.land)
    if country:
        lines.append(f"{postnr} {poststed}".strip())
        postnr, poststed = "", country
    shown = tuple(line for line in lines if line)
    return replace(own, navn=adresse.navn, adresselinjer=shown, postnr=postnr, poststed=poststed)


def cover_template(oppsett: Kontooppsett | None) -> Brevmal:
    """The bundled cover sheet, with the konto's own main text if that can be printed."""
    plain = bundled_template("forside")
    if oppsett is None or not oppsett.forside_tekst:
        return plain
    told = oppsett.forside_tekst.replace("((", "( (")
    nb, nn = (f"{kilde}\n\n{told}\n" for kilde in (plain.kilde_nb, plain.kilde_nn))
    if check_template(nb)[1]:
        log.warning("cover_text_left_out")
        return plain
    return replace(plain, kilde_nb=nb, kilde_nn=nn)


def receiver_values(adresse: Adresse) -> dict[str, str]:
    """The receiver as the values of a row."""
    return {
        "navn": adresse.navn,
        "adresselinje1": adresse.adresselinje1,
        "adresselinje2": adresse.adresselinje2,
        "adresselinje3": adresse.adresselinje3,
        "postnr": adresse.postnr,
        "poststed": adresse.poststed,
        "land": adresse.land,
    }
