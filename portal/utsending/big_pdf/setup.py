"""Step 2 of one big PDF: upload, set-up drawn on its pages, cutting and reading; an extra list may be added."""

from __future__ import annotations

from uuid import UUID

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.utsending.editing.stale_form import Vist, VistEndret
from fiks.utsending.filer.queries import finding_groups
from fiks.utsending.receivers import uploads
from fiks.utsending.rows.queries import finding_counts
from fiks.utsending.rules import Art
from fiks.utsending.samlet import letter_list, queries, service, trial, viewing
from fiks.utsending.samlet.analysis.setup import Feltnavn, Oppsett, from_wire
from fiks.utsending.samlet.queries import Kilde, Tilstand
from fiks.utsending.samlet.viewing import Bilde
from portal.access.actor import current_actor
from portal.texts import error_text, tekst
from portal.texts.utsending.filer import giro_text, group_text
from portal.texts.utsending.samlet import OMRADER
from portal.texts.utsending.short_findings import SHORT
from portal.utsending.big_pdf.setup_form import Oppsettskjema
from portal.utsending.blueprint import blueprint
from portal.utsending.draft.receivers import REGISTER_AWAY, file_error
from portal.utsending.findings_text import finding_remarks, letter_text
from portal.utsending.page_parts import flash_refusals
from portal.utsending.wizard import (
    IkkeUtkast,
    Svar,
    Utkast,
    chunks,
    describe_changes,
    draft,
    keep_shown_mark,
    page,
    redirect_to,
    redirect_unless_htmx,
    refusal,
    reload_page,
    say,
    shown_mark,
    value_name,
)

UPLOADS = (Vist.SAMLET, Vist.TILLEGGSLISTE)
SETUP = (Vist.SAMLET, Vist.OPPSETT)
"""What the forms of the upload page (UPLOADS) and the set-up page (SETUP) are about."""
MAX_MB = uploads.MAX_PDF_BYTES // 1024**2
WAYS = {
    "SIDER": "Like mange sider i hvert brev",
    "TEKST": "Førstesiden har en bestemt tekst",
    "FYLT": "Det står noe i et område på førstesiden",
    "ENDRET": "Teksten i et område skifter når et nytt brev begynner",
}
SOURCES = {Kilde.HUSKET: "Hent oppsettet fra forrige gang", Kilde.FORSLAG: "Bruk forslaget vårt"}


def big_draft(utsending_id: UUID, *what: Vist) -> Utkast:
    """The draft; IkkeUtkast, which shows the mailing's own page, when it is no longer of this kind."""
    utkast = draft(utsending_id, *what)
    if utkast.u.art != Art.EN_STOR_PDF:
        raise IkkeUtkast(utsending_id)
    return utkast


@blueprint.get("/<uuid:utsending_id>/mottakere/samlet")
def samlet(utsending_id: UUID) -> Svar:
    """The state of the file, from upload to letters that have been read."""
    return _page(utsending_id)


def _page(utsending_id: UUID, feil: dict[str, str] | None = None, endret: str = "") -> Svar:
    actor = current_actor()
    tilstand = queries.state(
        utsending_id, actor=actor
    )  # first: what is done then is done in all that follows
    utkast = big_draft(utsending_id, *UPLOADS)
    u = utkast.u
    busy = tilstand.kuttes or tilstand.leses or queries.is_busy(utsending_id, actor=actor)
    oppsett = from_wire(u.oppsett)
    return page(
        "samlet",
        utkast,
        "mottakere",
        feil,
        endret,
        fil=u.samlet,
        maks_mb=MAX_MB,
        merknader=finding_remarks(u.samlet.funn if u.samlet else ()),
        tilstand=tilstand,
        arbeider=busy,
        arbeidsfeil=failure(tilstand),
        oppsett=oppsett,
        delt=describe_cut(oppsett) if oppsett else "",
        giro=giro_text(oppsett.giro) if oppsett else "",
        leste_felt=[OMRADER[o.felt][0] for o in oppsett.read] if oppsett else [],
        har_nokkel=oppsett is not None and oppsett.area(Feltnavn.NOKKEL) is not None,
        tillegg=u.tillegg,
        tilleggsfeil=file_error(u.tillegg) if u.tillegg and u.tillegg.feilkode else "",
        tall=letter_list.letter_counts(u.id, actor=actor),
        pdf_funn=finding_groups(u.id, actor=actor),
        funntekst=group_text,
        radfunn=[f for f in finding_counts(u.id, actor=actor) if f.kode in SHORT],
        korte=SHORT,
        ferdig=utkast.jobb.mottakere and not busy,
    )


def failure(tilstand: Tilstand) -> str:
    """Why cutting or reading failed, and what to do."""
    if tilstand.feilkode == REGISTER_AWAY:
        return tekst("REGISTER_VENTER", knapp="Prøv igjen")
    if tilstand.feilkode is not None:
        return tekst(tilstand.feilkode, **tilstand.feilparams)
    return tekst("ARBEID_TAPT") if tilstand.tapt else ""


def describe_cut(oppsett: Oppsett) -> str:
    """The way of cutting, in words."""
    if oppsett.sider is not None and oppsett.kutt == "SIDER":
        return f"{oppsett.sider} {'side' if oppsett.sider == 1 else 'sider'} i hvert brev"
    return WAYS[oppsett.kutt] + (f": «{oppsett.tekst}»" if oppsett.kutt == "TEKST" else "")


@blueprint.post("/<uuid:utsending_id>/mottakere/samlet")
def last_opp_samlet(utsending_id: UUID) -> Svar:
    """Upload the big PDF; a worker looks through it."""
    return _take_in(utsending_id, "SAMLET", "fil", "PDF_FILTYPE")


@blueprint.post("/<uuid:utsending_id>/mottakere/tillegg")
def last_opp_tillegg(utsending_id: UUID) -> Svar:
    """Upload the extra list; the letters are read again with it."""
    return _take_in(utsending_id, "TILLEGGSLISTE", "tilleggsliste", "FILTYPE_UKJENT")


def _take_in(utsending_id: UUID, art: str, felt: str, wrong_kind: str) -> Svar:
    big_draft(utsending_id)
    file = request.files.get(felt)
    if file is None or not file.filename:
        return _page(utsending_id, {felt: tekst("FIL_MANGLER")})
    try:
        uploads.upload(
            utsending_id, art, file.filename, chunks(file), actor=current_actor(), vist=shown_mark()
        )
    except VistEndret as error:
        return _page(utsending_id, endret=describe_changes(error))
    except (UgyldigInndata, Konflikt) as error:
        unknown = error.kode == "FILTYPE_UKJENT"
        feil = {felt: tekst(wrong_kind)} if unknown else refusal(error, (), felt)
        return _page(utsending_id, feil)
    return redirect_to("samlet", utsending_id)


@blueprint.get("/<uuid:utsending_id>/mottakere/samlet/fremdrift")
def samlet_fremdrift(utsending_id: UUID) -> AnyResponse | str:
    """Progress of the work, polled; reloads the page when it is done."""
    if elsewhere := redirect_unless_htmx(utsending_id, "samlet"):
        return elsewhere
    utkast = big_draft(utsending_id)
    tilstand = queries.state(utsending_id, actor=current_actor())
    if not tilstand.kuttes and not tilstand.leses:
        return reload_page()
    return render_template(
        "utsending/samlet_fremdrift.html", u=utkast.u, fil=utkast.u.samlet, tilstand=tilstand
    )


@blueprint.post("/<uuid:utsending_id>/mottakere/samlet/igjen")
def samlet_igjen(utsending_id: UUID) -> AnyResponse:
    """Repeat the lost work: look through the file, cut it, or read its letters."""
    utkast, actor = big_draft(utsending_id), current_actor()
    tilstand = queries.state(utsending_id, actor=actor)
    cut = from_wire(utkast.u.oppsett) is not None and (not tilstand.brev or tilstand.kuttet < tilstand.brev)
    with flash_refusals():
        if cut and utkast.u.samlet is not None and utkast.u.samlet.status == "LEST":
            service.cut_again(utsending_id, actor=actor)
        else:
            uploads.read_again(utsending_id, actor=actor)
    return redirect_to("samlet", utsending_id)


@blueprint.post("/<uuid:utsending_id>/mottakere/samlet/fjern")
def fjern_samlet(utsending_id: UUID) -> Svar:
    """Remove the file and its letters."""
    big_draft(utsending_id)
    try:
        with flash_refusals():
            service.remove_file(utsending_id, actor=current_actor(), vist=shown_mark())
            say("Filen og brevene er fjernet.")
    except VistEndret as error:
        return _page(utsending_id, endret=describe_changes(error))
    return redirect_to("samlet", utsending_id)


@blueprint.post("/<uuid:utsending_id>/mottakere/tillegg/fjern")
def fjern_tillegg(utsending_id: UUID) -> Svar:
    """Remove the extra list; the letters are read again without it."""
    big_draft(utsending_id)
    try:
        with flash_refusals():
            service.remove_extra(utsending_id, actor=current_actor(), vist=shown_mark())
            say("Tilleggslisten er fjernet.")
    except VistEndret as error:
        return _page(utsending_id, endret=describe_changes(error))
    return redirect_to("samlet", utsending_id)


@blueprint.route("/<uuid:utsending_id>/mottakere/oppsett", methods=["GET", "POST"])
def oppsett(utsending_id: UUID) -> Svar:
    """Set up cutting and reading: drawn on the page, typed in mm, remembered, or suggested."""
    utkast, actor = big_draft(utsending_id, *SETUP), current_actor()
    if utkast.u.samlet is None or utkast.u.samlet.status != "LEST":
        if request.method == "POST":
            another = describe_changes(VistEndret((Vist.SAMLET,)))
            return _page(utsending_id, endret=another)
        return redirect_to("samlet", utsending_id)
    offered = queries.offered_setups(utsending_id, actor=actor)
    if request.method == "GET":
        return _first_page(utkast, offered)
    act = request.form.get("handling", "")
    chosen = next((kilde for kilde in offered if f"hent-{kilde}" == act), None)
    if chosen is not None:
        return _setup_page(utkast, Oppsettskjema.from_oppsett(offered[chosen]), offered, chosen)
    utkast = keep_shown_mark(utkast)
    skjema = Oppsettskjema.of(request.form)
    if act == "bruk":
        return _use(utkast, skjema, offered)
    made = skjema.oppsett() if act == "prov" else None
    tried = trial.try_out(utsending_id, made, actor=actor) if made is not None else None
    if act != "prov":
        skjema.feil.clear()
    return _setup_page(utkast, skjema, offered, None, tried)


def _first_page(utkast: Utkast, offered: dict[Kilde, Oppsett], endret: str = "") -> Svar:
    first = next(iter(offered), None)
    skjema = Oppsettskjema.from_oppsett(offered[first] if first else None)
    return _setup_page(utkast, skjema, offered, first, endret=endret)


def _use(utkast: Utkast, skjema: Oppsettskjema, offered: dict[Kilde, Oppsett]) -> Svar:
    made = skjema.oppsett()
    if made is not None:
        try:
            service.set_up(utkast.u.id, made, actor=current_actor(), vist=shown_mark())
        except VistEndret as error:
            return _setup_anew(utkast.u.id, skjema, error)
        except (UgyldigInndata, Konflikt) as error:
            skjema.feil[error.felt or "kutt"] = error_text(error)
    if skjema.feil:
        return _setup_page(utkast, skjema, offered, None)
    say("Oppsettet er lagret, og det huskes for kontoen.")
    return redirect_to("samlet", utkast.u.id)


def _setup_anew(utsending_id: UUID, skjema: Oppsettskjema, error: VistEndret) -> Svar:
    """Conflict: after a change of file the drawn areas are dropped; after another set-up of the same file
    they are kept.
    """
    utkast = big_draft(utsending_id, *SETUP)
    if utkast.u.samlet is None or utkast.u.samlet.status != "LEST":
        return _page(utsending_id, endret=describe_changes(error))
    offered = queries.offered_setups(utsending_id, actor=current_actor())
    if shown_mark() and Vist.SAMLET in error.endret:
        return _first_page(utkast, offered, describe_changes(error))
    return _setup_page(utkast, skjema, offered, None, endret=tekst("OPPSETT_ENDRET"))


def _setup_page(
    utkast: Utkast,
    skjema: Oppsettskjema,
    offered: dict[Kilde, Oppsett],
    kilde: Kilde | None,
    tried: list[trial.Prove] | None = None,
    endret: str = "",
) -> Svar:
    shown = viewing.pictures(utkast.u.id, actor=current_actor())
    vist = _shown_page(shown)
    return page(
        "oppsett",
        utkast,
        "mottakere",
        skjema.feil,
        endret,
        skjema=skjema,
        kilde=kilde,
        hent=[(k, text) for k, text in SOURCES.items() if k in offered],
        fil=utkast.u.samlet,
        mater=list(WAYS.items()),
        omrader=OMRADER,
        tegnet=[area for name in Feltnavn if (area := skjema.area_of(name)) is not None],
        bilder=shown,
        vist=vist,
        brevside=_page_of_letter(skjema, vist.side) if vist else 1,
        prove=tried,
        forklar=explain_tried,
    )


def _shown_page(shown: tuple[Bilde, ...]) -> Bilde | None:
    """The page to draw on: the requested one, else the first."""
    wanted = request.form.get("vis") or request.form.get("vist") or "1"
    return next((b for b in shown if str(b.side) == wanted), shown[0] if shown else None)


def _page_of_letter(skjema: Oppsettskjema, side: int) -> int:
    """The page's number within its letter, as far as known before the file is cut."""
    step = int(skjema.sider) if skjema.kutt == "SIDER" and skjema.sider.isdecimal() else 0
    return (side - 1) % step + 1 if step else side


def explain_tried(funn: tuple[str, str | None, str]) -> str:
    """A finding of a trial of the set-up, as a sentence."""
    return letter_text(funn[0], value_name(funn[1]))


@blueprint.get("/<uuid:utsending_id>/mottakere/oppsett/<int:side>.png")
def oppsettside(utsending_id: UUID, side: int) -> Response:
    """One of the first pages as a picture; audited."""
    big_draft(utsending_id)
    return Response(viewing.page_picture(utsending_id, side, actor=current_actor()), mimetype="image/png")
