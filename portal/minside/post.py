"""«Post fra kommunen»: the letters of whom one acts for, and the page of one letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Borte, IkkeFunnet
from fiks.konfigurasjon.person import representation, service
from fiks.svarut import inbox
from fiks.svarut.content import Lenke
from fiks.svarut.inbox import Postboks, Utvalg
from fiks.svarut.inbox_letter import Aapnet, is_in, open_letter, open_linked
from portal.access import current_actor
from portal.minside.actor import acting_for
from portal.minside.blueprint import blueprint
from portal.minside.brev import acts_for, reader_of
from portal.minside.language import ord

LINKED = ("http", "https")
YEARS = range(1900, 3000)


class UtenPostrett(Exception):
    """The person acts for an organisation whose post Altinn does not let them see."""


def postboks() -> Postboks:
    """Whose post the request is about. Raises RollerUtilgjengelig, RepresentererIkke, UtenPostrett."""
    actor, part = current_actor(), acting_for()
    if part is None:
        assert actor.person_id is not None
        return inbox.of_person(service.pid_of(actor.person_id), actor.acr)
    rights = representation.rights_for(part, inbox.RIGHTS)
    if not rights:
        raise UtenPostrett
    return inbox.of_organisation(part.orgnr, rights, actor.acr)


def boxes_of_others(forsendelse_id: UUID) -> list[Postboks]:
    """Where the letter may lie, of whom the person could act for instead of whom they do. Raises RollerUtilgjengelig.

    The links of a message in Altinn or a digital mailbox are followed whomever one acts for.
    """
    actor = current_actor()
    leser = reader_of(forsendelse_id, actor)
    others = leser.orgnrs & acts_for(actor, representation.MINSIDE) if leser.orgnrs else leser.orgnrs
    rights = frozenset(inbox.RIGHTS)
    boxes = [inbox.of_organisation(one, rights, actor.acr) for one in others if one != actor.paa_vegne_av]
    return boxes if actor.paa_vegne_av is None else [inbox.of_person(leser.pid, actor.acr), *boxes]


def choose_whom(said: str) -> AnyResponse:
    """Say it, let the person choose whom to act for, and come back."""
    flash(said, "info")
    return redirect(url_for("minside.velg_aktor", neste=request.path), 303)


@blueprint.errorhandler(UtenPostrett)
def without_right(error: UtenPostrett) -> tuple[str, int]:
    """Say which right is lacking, and what still can be done."""
    return render_template("minside/uten_postrett.html"), 403


@blueprint.errorhandler(Borte)
def gone(error: Borte) -> tuple[str, int]:
    """What was theirs and has been deleted: said so, and nothing of what it was."""
    return render_template("minside/borte.html"), 410


@blueprint.get("/minside/post")
def post() -> str:
    """The letters, newest first, unread ones marked."""
    boks, utvalg = postboks(), _utvalg()
    valg = inbox.choices(boks, utvalg)
    after = request.args.get("etter", type=UUID)
    rows = inbox.letters(boks, utvalg, after=after, limit=inbox.PAGE + 1)
    shown = rows[: inbox.PAGE]
    further = _address(utvalg, etter=shown[-1].id) if len(rows) > inbox.PAGE else ""
    return render_template(
        "minside/post.html",
        rader=shown,
        antall=inbox.count(boks),
        valg=valg,
        aar=[(str(year), str(year)) for year in valg.aar],
        utvalg=utvalg,
        eldre=further,
        nyeste=_address(utvalg) if after is not None else "",
    )


@blueprint.get("/minside/post/<uuid:forsendelse_id>")
def post_brev(forsendelse_id: UUID) -> AnyResponse | str:
    """One letter: from whom, its files, what happens when it is read."""
    try:
        opened = open_letter(forsendelse_id, postboks(), actor=current_actor())
    except (IkkeFunnet, UtenPostrett):
        if not any(is_in(boks, forsendelse_id) for boks in boxes_of_others(forsendelse_id)):
            raise
        return choose_whom(ord("POST_VELG_HVEM"))
    return _letter_page(opened, url_for("minside.post"), ord("POST_TILBAKE"))


@blueprint.get("/forsendelse/<uuid:forsendelse_id>")
def brev_lenke(forsendelse_id: UUID) -> str:
    """Where the message of a letter of several files leads: all of them, to whom `minside.brev` gives each.

    It may be in no list of theirs: its konto may be kept off Min side, or they act for somebody else.
    """
    actor = current_actor()
    leser = reader_of(forsendelse_id, actor)
    opened = open_linked(forsendelse_id, pid=leser.pid, orgnrs=leser.orgnrs, actor=actor)
    return _letter_page(opened, url_for("minside.forside"), ord("TILBAKE_MINSIDE"))


def _letter_page(opened: Aapnet, tilbake: str, tilbake_tekst: str) -> str:
    return render_template(
        "minside/post_brev.html",
        aapnet=opened,
        brev=opened.brev,
        lenker=[Lenkevisning.of(link) for link in opened.lenker],
        tilbake=tilbake,
        tilbake_tekst=tilbake_tekst,
    )


@dataclass(frozen=True, slots=True)
class Lenkevisning:
    """A link of a letter as it may be shown: `url` is empty unless it leads to a web page, `vert` is whose page."""

    ledetekst: str
    tekst: str
    url: str
    vert: str

    @classmethod
    def of(cls, link: Lenke) -> Lenkevisning:
        """What a sender wrote is never followed to anything but a web page."""
        try:
            parts = urlsplit(link.url)
        except ValueError:
            return cls(link.ledetekst, link.tekst, "", "")
        if parts.scheme not in LINKED or not parts.hostname:
            return cls(link.ledetekst, link.tekst, "", "")
        return cls(link.ledetekst, link.tekst, link.url, parts.hostname)


def _utvalg() -> Utvalg:
    """What the address asks for; what cannot be understood asks for nothing."""
    return Utvalg(
        aar=request.args.get("aar", type=_year),
        avsender=request.args.get("avsender", type=UUID),
        bare_uleste=request.args.get("uleste") == "ja",
    )


def _year(text: str) -> int:
    year = int(text)
    if year not in YEARS:
        raise ValueError("not a year of ours")
    return year


def _address(utvalg: Utvalg, **more: Any) -> str:
    uleste = "ja" if utvalg.bare_uleste else None
    return url_for("minside.post", aar=utvalg.aar, avsender=utvalg.avsender, uleste=uleste, **more)
