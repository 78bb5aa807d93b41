"""Letter templates of an organisation: versions that never change, checked before they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select

from fiks.core import audit
from fiks.core.actor import Aktor
from fiks.core.db import session, transaction
from fiks.core.errors import IkkeFunnet, Konflikt, UgyldigInndata
from fiks.konfigurasjon.operators import require_root
from fiks.konfigurasjon.rules import P
from fiks.utsending import access
from fiks.utsending.brev import (
    KOLONNER,
    Brevmal,
    Felt,
    MalFeil,
    Malfunn,
    check_template,
    known_fields,
    stamping_obstacles,
)
from fiks.utsending.brev.language.parser import parse_title
from fiks.utsending.draft.service import choose_template
from fiks.utsending.editing.stale_form import Vist, changes_since
from fiks.utsending.liste.columns import value_names
from fiks.utsending.models import Mal, Malversjon, Opplasting, Utsending
from fiks.utsending.transitions import lock_mailing

MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class Malvisning:
    """One version of a template. `egen`: the organisation owns it, so it can get new versions."""

    versjon_id: UUID
    mal_id: UUID
    navn: str
    versjon: int
    egen: bool
    mal: Brevmal

    @property
    def avvek(self) -> bool:
        """Whether stamping was turned off because a stamped letter differed, not because of the text."""
        return not self.mal.hurtig and not stamping_obstacles(self.mal)


def template_version(utsending_id: UUID, versjon_id: UUID, *, actor: Aktor) -> Malvisning:
    """A version that the mailing may use, the house's or the organisation's own; else IkkeFunnet."""
    mailing = access.find_visible(utsending_id, actor)
    found = (
        session()
        .execute(
            select(Malversjon, Mal)
            .join(Mal, Mal.id == Malversjon.mal_id)
            .where(
                Malversjon.id == versjon_id,
                or_(Mal.organisasjon_id.is_(None), Mal.organisasjon_id == mailing.organisasjon_id),
            )
        )
        .first()
    )
    if found is None:
        raise IkkeFunnet("FINNES_IKKE")
    return _view(*found)


def newest_version(utsending_id: UUID, versjon_id: UUID, *, actor: Aktor) -> Malvisning:
    """The newest version of the same template; IkkeFunnet as `template_version`."""
    known = template_version(utsending_id, versjon_id, actor=actor)
    versions = select(Malversjon.id).where(Malversjon.mal_id == known.mal_id)
    newest = session().scalars(versions.order_by(Malversjon.versjon.desc()).limit(1)).one()
    return template_version(utsending_id, newest, actor=actor)


def _view(version: Malversjon, mal: Mal) -> Malvisning:
    content = Brevmal(
        version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn, version.hurtig
    )
    return Malvisning(version.id, mal.id, mal.navn, version.versjon, mal.organisasjon_id is not None, content)


def fields_of(utsending_id: UUID, *, actor: Aktor) -> dict[str, Felt]:
    """Every field a template of this mailing may use: list columns, sender, dates, computed values."""
    access.find_visible(utsending_id, actor)
    return known_fields((*KOLONNER, *_own_columns(utsending_id)))


def _own_columns(utsending_id: UUID) -> Iterable[str]:
    """Value names of the list's columns."""
    form = (
        session()
        .execute(
            select(Opplasting.form).where(Opplasting.utsending_id == utsending_id, Opplasting.art == "LISTE")
        )
        .scalar_one_or_none()
    )
    form = form or {}
    return value_names(form.get("overskrifter", []), form.get("kobling") or {})


def find_faults(mal: Brevmal, fields: Mapping[str, Felt]) -> dict[str, tuple[Malfunn, ...]]:
    """Every fault of a template, by part: kilde_nb, kilde_nn, tittel_nb, tittel_nn."""
    found = {
        "kilde_nb": check_template(mal.kilde_nb, fields)[1],
        "kilde_nn": check_template(mal.kilde_nn, fields)[1] if mal.kilde_nn else (),
        "tittel_nb": _title_faults(mal.tittel_nb, fields),
        "tittel_nn": _title_faults(mal.tittel_nn or "", fields),
    }
    return {part: faults_there for part, faults_there in found.items() if faults_there}


def _title_faults(title: str, fields: Mapping[str, Felt]) -> tuple[Malfunn, ...]:
    try:
        parse_title(title, fields)
    except MalFeil as error:
        return error.funn
    return ()


def save_template(
    utsending_id: UUID,
    navn: str,
    mal: Brevmal,
    *,
    bygger_pa: UUID | None = None,
    erstatter: int | None = None,
    actor: Aktor,
    vist: str | None = None,
) -> UUID:
    """Store a new template version and choose it for the mailing; return the version's id.

    A version of the organisation's own template stays in that template when the name is unchanged; anything
    else begins a new template of the organisation. `erstatter`: the newest version number that the author
    saw, None when not checked. `vist` is the form version of MAL: when another version has been chosen
    nothing is stored, unless it is this same text sent twice. Errors: MAL_NAVN_MANGLER, MAL_TOM, MalFeil with
    every fault (422), MAL_NYERE_VERSJON (`versjon`: the one newer than `erstatter`), VistEndret (409).
    """
    organisation = access.require(utsending_id, actor, P.SENDE).organisasjon_id
    name = " ".join(navn.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise UgyldigInndata("MAL_NAVN_MANGLER", felt="navn")
    if not mal.kilde_nb.strip():
        raise UgyldigInndata("MAL_TOM", felt="kilde_nb")
    found = find_faults(mal, fields_of(utsending_id, actor=actor))
    if found:
        raise MalFeil(tuple(fault for part in found.values() for fault in part))
    base = template_version(utsending_id, bygger_pa, actor=actor) if bygger_pa else None
    with transaction():
        twice = _same_version(utsending_id, name, mal, vist)
        if twice is not None:
            return twice
        mal_id = _existing_template(base, name, erstatter) or _new_template(organisation, name)
        hurtig = not stamping_obstacles(mal) and not _is_known_to_differ(organisation, mal)
        version = _new_version(mal_id, mal, hurtig=hurtig, actor=actor)
        choose_template(utsending_id, version.id, actor=actor, vist=vist)
        audit.record(actor, "MAL_LAGRET", "mal", mal_id, navn=name, versjon=version.versjon)
        return version.id


def _same_version(utsending_id: UUID, name: str, mal: Brevmal, vist: str | None) -> UUID | None:
    """The chosen version, if the page did not show it and it has the text to be saved now; else None."""
    chosen = lock_mailing(utsending_id).malversjon_id
    if not changes_since(utsending_id, vist, Vist.MAL):
        return None
    same = (
        select(Malversjon.id)
        .join(Mal, Mal.id == Malversjon.mal_id)
        .where(
            Malversjon.id == chosen,
            Mal.organisasjon_id.is_not(None),
            Mal.navn == name,
            Malversjon.kilde_nb == mal.kilde_nb,
            Malversjon.kilde_nn.is_not_distinct_from(mal.kilde_nn or None),
            Malversjon.tittel_nb == mal.tittel_nb,
            Malversjon.tittel_nn.is_not_distinct_from(mal.tittel_nn or None),
        )
    )
    return session().scalar(same)


def _existing_template(base: Malvisning | None, name: str, erstatter: int | None) -> UUID | None:
    """The template that gets a new version, locked against others; None when a new template is to begin."""
    if base is None or not base.egen or base.navn != name:
        return None
    session().execute(select(Mal.id).where(Mal.id == base.mal_id).with_for_update())
    newest = _last_number(base.mal_id)
    if erstatter not in (None, newest):
        raise Konflikt("MAL_NYERE_VERSJON", versjon=newest)
    return base.mal_id


def _last_number(mal_id: UUID) -> int:
    last = select(func.coalesce(func.max(Malversjon.versjon), 0)).where(Malversjon.mal_id == mal_id)
    return session().execute(last).scalar_one()


def _new_version(mal_id: UUID, mal: Brevmal, *, hurtig: bool, actor: Aktor) -> Malversjon:
    tx = session()
    version = Malversjon(
        mal_id=mal_id,
        versjon=_last_number(mal_id) + 1,
        kilde_nb=mal.kilde_nb,
        kilde_nn=mal.kilde_nn or None,
        tittel_nb=mal.tittel_nb,
        tittel_nn=mal.tittel_nn or None,
        hurtig=hurtig,
        opprettet_av=actor.person_id,
    )
    tx.add(version)
    tx.flush()
    return version


def set_stamping(utsending_id: UUID, quick: bool, *, actor: Aktor) -> Malvisning:
    """Allow or forbid stamping for a mailing's template version; return the version. For operators only.

    It applies to every mailing with the version, from the next letter on; letters look the same either way.
    Whether the text can be stamped is found per letter. IkkeFunnet when the mailing has no template.
    """
    require_root(actor)
    of_mailing = select(Utsending.malversjon_id).where(Utsending.id == utsending_id)
    with transaction() as tx:
        version = tx.scalars(select(Malversjon).where(Malversjon.id.in_(of_mailing))).one_or_none()
        if version is None:
            raise IkkeFunnet("FINNES_IKKE")
        version.hurtig = quick
        mal = tx.get_one(Mal, version.mal_id)
        code = "MAL_STEMPLES" if quick else "MAL_STEMPLES_IKKE"
        audit.record(actor, code, "mal", mal.id, organisasjon_id=mal.organisasjon_id, versjon=version.versjon)
        return _view(version, mal)


def _is_known_to_differ(organisasjon_id: UUID, mal: Brevmal) -> bool:
    """Whether stamping is forbidden for another version with the same text: it would differ here too."""
    same = (
        select(Malversjon.id)
        .join(Mal, Mal.id == Malversjon.mal_id)
        .where(
            or_(Mal.organisasjon_id.is_(None), Mal.organisasjon_id == organisasjon_id),
            Malversjon.hurtig.is_(False),
            Malversjon.kilde_nb == mal.kilde_nb,
            Malversjon.kilde_nn.is_not_distinct_from(mal.kilde_nn or None),
        )
    )
    return bool(session().scalar(select(same.exists())))


def _new_template(organisasjon_id: UUID, navn: str) -> UUID:
    made = Mal(organisasjon_id=organisasjon_id, navn=navn)
    session().add(made)
    session().flush()
    return made.id


def chosen_template(utsending_id: UUID, *, actor: Aktor) -> Malvisning | None:
    """The version that the mailing uses now; None when none is chosen."""
    access.find_visible(utsending_id, actor)
    chosen = (
        session()
        .execute(select(Utsending.malversjon_id).where(Utsending.id == utsending_id))
        .scalar_one_or_none()
    )
    return template_version(utsending_id, chosen, actor=actor) if chosen else None
