"""The template editor: source text checked line by line and saved as a new version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import abort, request

from fiks.core.errors import Konflikt, UgyldigInndata
from fiks.utsending.brev import (
    FORMATER,
    LISTER,
    Brevmal,
    Felt,
    Kilde,
    MalFeil,
    bundled_template,
    stamping_obstacles,
)
from fiks.utsending.editing.stale_form import Vist, VistEndret
from fiks.utsending.templates import service
from fiks.utsending.templates.service import Malvisning
from portal.access.actor import current_actor
from portal.texts import error_text, feltnavn, tekst
from portal.utsending.blueprint import blueprint
from portal.utsending.wizard import (
    Svar,
    Utkast,
    draft,
    keep_shown_mark,
    page,
    redirect_to,
    refusal,
    say,
    shown_mark,
)

PARTS = ("kilde_nb", "kilde_nn", "tittel_nb", "tittel_nn")
PART_NAMES = {
    "kilde_nb": "Brevet på bokmål",
    "kilde_nn": "Brevet på nynorsk",
    "tittel_nb": "Tittel på bokmål",
    "tittel_nn": "Tittel på nynorsk",
}
SLOWER = " Brevene blir riktige, men lages langsommere enn de kunne. Malens side sier hvorfor."
GROUPS = (
    (Kilde.KOLONNE, "Fra listen"),
    (Kilde.BEREGNET, "Beregnet"),
    (Kilde.UTSENDING, "Fra utsendingen"),
    (Kilde.AVSENDER, "Fra kommunen"),
)


@dataclass(slots=True)
class Malskjema:
    """The editor's fields. `bygger_pa`: the version it was opened from; `erstatter`: the number of the
    template's newest version at that time (optimistic lock).
    """

    navn: str
    kilde_nb: str
    kilde_nn: str
    tittel_nb: str
    tittel_nn: str
    bygger_pa: str = ""
    erstatter: int = 0
    avvek: bool = False

    @property
    def mal(self) -> Brevmal:
        """The template as typed."""
        return Brevmal(self.kilde_nb, self.kilde_nn or None, self.tittel_nb, self.tittel_nn or None)


def of_version(
    navn: str, mal: Brevmal, bygger_pa: str = "", *, erstatter: int = 0, avvek: bool = False
) -> Malskjema:
    """The editor with a version loaded. `avvek`: its letters are laid out one by one because a stamped one
    differed.
    """
    texts = (mal.kilde_nb, mal.kilde_nn or "", mal.tittel_nb, mal.tittel_nn or "")
    return Malskjema(navn, *texts, bygger_pa, erstatter, avvek)


@blueprint.get("/<uuid:utsending_id>/brev/rediger")
def rediger_mal(utsending_id: UUID) -> Svar:
    """Edit a template, or begin a new one."""
    utkast = draft(utsending_id, Vist.MAL)
    versjon = request.args.get("versjon", "")
    if not versjon:
        return _page(utkast, of_version("", bundled_template("brev")), [])
    found = service.template_version(utsending_id, _id(versjon), actor=current_actor())
    newest = service.newest_version(utsending_id, found.versjon_id, actor=current_actor())
    navn = found.navn if found.egen else f"{found.navn} – egen"
    skjema = of_version(navn, found.mal, versjon, erstatter=newest.versjon, avvek=found.avvek)
    return _page(utkast, skjema, [])


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


@blueprint.post("/<uuid:utsending_id>/brev/rediger")
def lagre_mal(utsending_id: UUID) -> Svar:
    """Save the text as a new version, and use it."""
    utkast, skjema = keep_shown_mark(draft(utsending_id)), _read_form()
    try:
        saved = _save(utsending_id, skjema)
    except VistEndret:
        return _another_chosen(utsending_id, skjema)
    except MalFeil:
        return _page(utkast, skjema, _faults(utkast, skjema.mal))
    except (UgyldigInndata, Konflikt) as error:
        if error.kode == "MAL_NYERE_VERSJON":
            return _conflict_page(utkast, skjema, error)
        refused = list(refusal(error, ("navn", *PARTS), "navn").items())
        return _page(utkast, skjema, refused + _faults(utkast, skjema.mal))
    quick = service.template_version(utsending_id, saved, actor=current_actor()).mal.hurtig
    say(f"Malen er lagret som ny versjon og valgt for utsendingen.{'' if quick else SLOWER}")
    return redirect_to("brev", utsending_id)


def _read_form() -> Malskjema:
    """The posted editor. It carries the newest version its page knew of, so that nobody's work is
    overwritten.
    """
    form, newest = request.form, request.form.get("erstatter", "")
    nb, nn, tittel_nb, tittel_nn = (_text(form.get(part, "")) for part in PARTS)
    erstatter = int(newest) if newest.isdecimal() and len(newest) < 9 else -1
    return Malskjema(form.get("navn", ""), nb, nn, tittel_nb, tittel_nn, form.get("bygger_pa", ""), erstatter)


def _save(utsending_id: UUID, skjema: Malskjema) -> UUID:
    return service.save_template(
        utsending_id,
        skjema.navn,
        skjema.mal,
        bygger_pa=_id(skjema.bygger_pa) if skjema.bygger_pa else None,
        erstatter=skjema.erstatter,
        actor=current_actor(),
        vist=shown_mark(),
    )


def _conflict_page(utkast: Utkast, skjema: Malskjema, error: UgyldigInndata | Konflikt) -> Svar:
    """Conflict: a newer version was saved. The text stays, and saving once more replaces that version."""
    now = replace(skjema, erstatter=int(error.params["versjon"]))
    return _page(utkast, now, [], error_text(error))


def _another_chosen(utsending_id: UUID, skjema: Malskjema) -> Svar:
    """Conflict: another template was chosen meanwhile. The text stays, and is saved when confirmed."""
    now = draft(utsending_id, Vist.MAL)
    return _page(now, skjema, [], tekst("MAL_ENDRET", mal=f"«{now.u.mal}», versjon {now.u.malversjon}"))


def _text(value: str) -> str:
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _faults(utkast: Utkast, mal: Brevmal) -> list[tuple[str, str]]:
    """Every fault as (field, sentence with the line's number)."""
    fields = service.fields_of(utkast.u.id, actor=current_actor())
    return [
        (part, f"{PART_NAMES[part]}, linje {fault.linje}: {tekst(fault.kode, verdi=fault.verdi)}")
        for part, found in service.find_faults(mal, fields).items()
        for fault in found
    ]


def _page(utkast: Utkast, skjema: Malskjema, funn: list[tuple[str, str]], endret: str = "") -> Svar:
    fields = service.fields_of(utkast.u.id, actor=current_actor())
    feil = {part: " ".join(text for field, text in funn if field == part) for part, _ in funn}
    return page(
        "rediger_mal",
        utkast,
        "brev",
        feil,
        endret,
        skjema=skjema,
        nyere=_newer(utkast, skjema),
        funn=funn,
        treghet=_slow_places(skjema.mal),
        grupper=[(navn, _described(fields, kilde)) for kilde, navn in GROUPS],
        lister={name: list(inner) for name, inner in LISTER.items()},
    )


def _newer(utkast: Utkast, skjema: Malskjema) -> Malvisning | None:
    """The template's newest version, when the editor was opened from an older one."""
    if not skjema.bygger_pa:
        return None
    actor = current_actor()
    base = service.template_version(utkast.u.id, _id(skjema.bygger_pa), actor=actor)
    newest = service.newest_version(utkast.u.id, base.versjon_id, actor=actor)
    return newest if newest.egen and newest.versjon != base.versjon else None


def _slow_places(mal: Brevmal) -> list[str]:
    """Places in the source that slow down rendering, as sentences with line numbers."""
    return [
        f"{PART_NAMES[part]}, linje {place.linje}: {tekst(place.kode, verdi=place.verdi)}"
        for part, places in stamping_obstacles(mal).items()
        for place in places
    ]


def _described(fields: dict[str, Felt], kilde: Kilde) -> list[tuple[str, str, str]]:
    """Fields of one source: (name, description, allowed formats)."""
    return [
        (felt.navn, felt.beskrivelse or feltnavn(felt.navn), ", ".join(_formats(felt)))
        for felt in fields.values()
        if felt.kilde is kilde
    ]


def _formats(felt: Felt) -> list[str]:
    return [name for name, (_, types) in FORMATER.items() if felt.type in types]
