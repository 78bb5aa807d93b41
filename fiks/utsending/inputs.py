"""What a mailing's letters are made from besides their rows: the template version and the sender."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from fiks.core.db import session
from fiks.konfigurasjon.models import Organisasjon
from fiks.utsending.brev import Avsender, Brevkontekst, Brevmal, Logo, ready_template
from fiks.utsending.brev.context import context_to_wire
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
        """SHA-256, in hex, of what the letters say of their sender and of the mailing: the same in all of them."""
        said = json.dumps(context_to_wire(self.kontekst), sort_keys=True, default=bytes.hex)
        return hashlib.sha256(said.encode()).hexdigest()

    def for_row(self, values: Mapping[str, str], *, skjermet: bool) -> Brevkontekst:
        """The common values with the row's own title, where rows with finished documents have one (svarut.md 7.3).

        A protected person's letter has the mailing's title: another might tell where they live.
        """
        title = values.get("tittel", "") if self.art in MADE_ELSEWHERE and not skjermet else ""
        return replace(self.kontekst, tittel=title[:MAX_TITLE]) if title else self.kontekst


def letter_inputs(utsending_id: UUID) -> Brevgrunnlag:
    """The template and the common values of a mailing's letters. Finished documents get a cover sheet each."""
    row, org = (
        session()
        .execute(
            select(Utsending, Organisasjon)
            .join(Organisasjon, Organisasjon.id == Utsending.organisasjon_id)
            .where(Utsending.id == utsending_id)
            .execution_options(populate_existing=True)
        )
        .one()
    )
    context = Brevkontekst(sender_of(org), row.tittel, row.brevdato, row.kunngjoringsdato)
    if row.art != Art.FLETTEBREV or row.malversjon_id is None:
        return Brevgrunnlag(ready_template("forside"), context, Art(row.art))
    version = session().get_one(Malversjon, row.malversjon_id)
    mal = Brevmal(version.kilde_nb, version.kilde_nn, version.tittel_nb, version.tittel_nn, version.hurtig)
    return Brevgrunnlag(mal, context, Art(row.art))


def sender_of(org: Organisasjon) -> Avsender:
    """The organisation as it stands on its letterhead."""
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
