"""What all letters of a mailing are made from besides the rows: template version and sender."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.core.errors import Konflikt
from fiks.konfigurasjon.konto.models import Kontooppsett
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending.brev import Brevkontekst, Brevmal, bundled_template, prints_field
from fiks.utsending.brev.context import context_to_wire
from fiks.utsending.letters.cover_sheet import cover_sender, cover_template, sender_of
from fiks.utsending.models import Malversjon, Utsending
from fiks.utsending.rules import MADE_ELSEWHERE, Art

MAX_TITLE = 1_000


@dataclass(frozen=True, slots=True)
class Brevgrunnlag:
    """What the letters of a mailing have in common."""

    mal: Brevmal
    kontekst: Brevkontekst
    art: Art

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of the sender, the mailing's facts and the konto's own cover text, as letters show
        them.
        """
        said = context_to_wire(self.kontekst)
        if self.art != Art.FLETTEBREV and self.mal != bundled_template("forside"):
            said["forside"] = [self.mal.kilde_nb, self.mal.kilde_nn]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=bytes.hex).encode()).hexdigest()

    def for_row(self, values: Mapping[str, str], *, skjermet: bool) -> Brevkontekst:
        """The common context with the row's own title, if rows with finished documents have one (svarut.md
        7.3).

        A protected receiver's letter keeps the mailing's title: another might reveal the address.
        """
        title = values.get("tittel", "") if self.art in MADE_ELSEWHERE and not skjermet else ""
        return replace(self.kontekst, tittel=title[:MAX_TITLE]) if title else self.kontekst


def letter_inputs(utsending_id: UUID) -> Brevgrunnlag:
    """The template and common context of a mailing's letters.

    Finished documents get a cover sheet with the konto's own sender and text, as letters from fagsystemer.
    """
    row, org, oppsett = (
        session()
        .execute(
            select(Utsending, Organisasjon, Kontooppsett)
            .join(Organisasjon, Organisasjon.id == Utsending.organisasjon_id)
            .outerjoin(Kontooppsett, Kontooppsett.konto_id == Utsending.konto_id)
            .where(Utsending.id == utsending_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    context = Brevkontekst(sender_of(org), row.tittel, row.brevdato, row.kunngjoringsdato)
    if row.art != Art.FLETTEBREV:
        sheet = replace(context, avsender=cover_sender(context.avsender, oppsett, None))
        return Brevgrunnlag(cover_template(oppsett), sheet, Art(row.art))
    if row.malversjon_id is None:
        return Brevgrunnlag(bundled_template("forside"), context, Art(row.art))
    return Brevgrunnlag(chosen_template(row.malversjon_id), context, Art(row.art))


def chosen_template(malversjon_id: UUID) -> Brevmal:
    """The text of a template version, as the renderer takes it."""
    version = session().get_one(Malversjon, malversjon_id)
    return Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn, version.hurtig)


NUMBER_FIELDS = ("eiendom_lang", "kommunenr")
"""Fields that contain the municipality number."""


def missing_municipality_number(row: Utsending) -> Konflikt | None:
    """MAL_KREVER_KOMMUNENR when the mailing's template prints a number its organisation lacks; else None."""
    if row.art != Art.FLETTEBREV or row.malversjon_id is None:
        return None
    if session().scalar(select(Organisasjon.kommunenr).where(Organisasjon.id == row.organisasjon_id)):
        return None
    needs = prints_field(chosen_template(row.malversjon_id), *NUMBER_FIELDS)
    return Konflikt("MAL_KREVER_KOMMUNENR") if needs else None


def require_municipality_number(row: Utsending) -> None:
    """Raise what `missing_municipality_number` finds."""
    lacks = missing_municipality_number(row)
    if lacks is not None:
        raise lacks
