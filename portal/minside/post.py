"""«Post fra kommunen»: the inbox of the person or the party they represent, and the page of one letter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Borte, IkkeFunnet
from fiks.konfigurasjon.person import representation, service
from fiks.svarut.inbox import queries
from fiks.svarut.inbox.letter import Aapnet, is_in_postboks, open_letter, open_linked
from fiks.svarut.inbox.queries import Postboks, Utvalg
from fiks.svarut.sealed_content import Lenke
from portal.access.actor import current_actor
from portal.minside.blueprint import blueprint
from portal.minside.language import citizen_text
from portal.minside.letter_download import acts_for, reader_of
from portal.minside.representation import acting_for

LINKED = ("http", "https")
YEARS = range(1900, 3000)


class UtenPostrett(Exception):
    """The person represents an organisation whose post they may not see according to Altinn."""


def postboks() -> Postboks:
    """The inbox this request is about. Raises RollerUtilgjengelig, RepresentererIkke, UtenPostrett."""
    actor, part = current_actor(), acting_for()
    if part is None:
        assert actor.person_id is not None
        return queries.postboks_of_person(service.pid_of(actor.person_id), actor.acr)
    rights = representation.rights_for(part, queries.RIGHTS)
    if not rights:
        raise UtenPostrett
    return queries.postboks_of_organisation(part.orgnr, rights, actor.acr)


def boxes_of_others(forsendelse_id: UUID) -> list[Postboks]:
    """Inboxes of other parties the person could act for, where the letter may lie. Raises
    RollerUtilgjengelig.

    Links in messages in Altinn or a digital mailbox are followed whomever the person acts for at the moment.
    """
    actor = current_actor()
    leser = reader_of(forsendelse_id, actor)
    others = leser.orgnrs & acts_for(actor, representation.MINSIDE) if leser.orgnrs else leser.orgnrs
    rights = frozenset(queries.RIGHTS)
    boxes = [
        queries.postboks_of_organisation(one, rights, actor.acr)
        for one in others
        if one != actor.paa_vegne_av
    ]
    return boxes if actor.paa_vegne_av is None else [queries.postboks_of_person(leser.pid, actor.acr), *boxes]


def choose_whom(said: str) -> AnyResponse:
    """Flash the message, let the person choose whom to act for, and come back."""
    flash(said, "info")
    return redirect(url_for("minside.velg_aktor", neste=request.path), 303)


@blueprint.errorhandler(UtenPostrett)
def without_right(error: UtenPostrett) -> tuple[str, int]:
    """Say which right is missing, and what is possible without it."""
    return render_template("minside/uten_postrett.html"), 403


@blueprint.errorhandler(Borte)
def gone(error: Borte) -> tuple[str, int]:
    """The letter was theirs and has been deleted: say so, and nothing of what it was."""
    return render_template("minside/borte.html"), 410


@blueprint.get("/minside/post")
def post() -> str:
    """The letters, newest first, unread ones marked."""
    boks, utvalg = postboks(), _utvalg()
    valg = queries.filter_choices(boks, utvalg)
    after = request.args.get("etter", type=UUID)
    rows = queries.list_letters(boks, utvalg, after=after, limit=queries.PAGE + 1)
    shown = rows[: queries.PAGE]
    further = _address(utvalg, etter=shown[-1].id) if len(rows) > queries.PAGE else ""
    return render_template(
        "minside/post.html",
        rader=shown,
        antall=queries.count_letters(boks),
        valg=valg,
        aar=[(str(year), str(year)) for year in valg.aar],
        utvalg=utvalg,
        eldre=further,
        nyeste=_address(utvalg) if after is not None else "",
    )


@blueprint.get("/minside/post/<uuid:forsendelse_id>")
def post_brev(forsendelse_id: UUID) -> AnyResponse | str:
    """One letter: sender, files, and the effect of reading it."""
    try:
        opened = open_letter(forsendelse_id, postboks(), actor=current_actor())
    except (IkkeFunnet, UtenPostrett):
        if not any(is_in_postboks(boks, forsendelse_id) for boks in boxes_of_others(forsendelse_id)):
            raise
        return choose_whom(citizen_text("POST_VELG_HVEM"))
    return _letter_page(opened, url_for("minside.post"), citizen_text("POST_TILBAKE"))


@blueprint.get("/forsendelse/<uuid:forsendelse_id>")
def brev_lenke(forsendelse_id: UUID) -> str:
    """Landing page of the link in a message about a letter with several files; `minside.brev` serves each
    file.

    The letter may be in no inbox of theirs: its konto may be kept off Min side, or they represent another
    party.
    """
    actor = current_actor()
    leser = reader_of(forsendelse_id, actor)
    opened = open_linked(forsendelse_id, pid=leser.pid, orgnrs=leser.orgnrs, actor=actor)
    return _letter_page(opened, url_for("minside.forside"), citizen_text("TILBAKE_MINSIDE"))


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
    """A sender's link as it may be shown: `url` is empty unless it leads to a web page, `vert` is its host."""

    ledetekst: str
    tekst: str
    url: str
    vert: str

    @classmethod
    def of(cls, link: Lenke) -> Lenkevisning:
        """Keep only http and https links with a host."""
        try:
            parts = urlsplit(link.url)
        except ValueError:
            return cls(link.ledetekst, link.tekst, "", "")
        if parts.scheme not in LINKED or not parts.hostname:
            return cls(link.ledetekst, link.tekst, "", "")
        return cls(link.ledetekst, link.tekst, link.url, parts.hostname)


def _utvalg() -> Utvalg:
    """The filter in the address; invalid values are ignored."""
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
