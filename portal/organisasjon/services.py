"""«Ta i bruk»: the services on offer, their agreements, and the next thing to do for each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from fiks.core.errors import FiksError, IkkeTilgang, Konflikt
from fiks.konfigurasjon import queries as konfigurasjon
from fiks.konfigurasjon.avtale import activation
from fiks.konfigurasjon.avtale.queries import Avtalestand, Tjenestestand, agreements_of, services_of
from fiks.konfigurasjon.rules import P
from fiks.sms.kontoer import closed_by_konto
from portal.access.actor import current_actor
from portal.organisasjon.blueprint import blueprint, may_here, own_organisation
from portal.texts import error_text
from portal.texts.konfigurasjon.organisasjon import TJENESTER, Tjenestetekst

NY_KONTO = {activation.SVARUT: "organisasjon.ny_konto", activation.VARSLING: "organisasjon.ny_smskonto"}
"""Services that need a konto, and the endpoint that creates one."""


@dataclass(frozen=True, slots=True)
class Tjenesteside:
    """A service as the page shows it. `vedlegg` None: no text is published, so there is nothing to sign."""

    stand: Tjenestestand
    tekst: Tjenestetekst
    hovedavtale: Avtalestand | None
    vedlegg: Avtalestand | None
    har_konto: bool

    @property
    def signert(self) -> bool:
        """Whether both agreements are signed in the version in force."""
        return all(one is not None and one.er_signert for one in (self.hovedavtale, self.vedlegg))

    @property
    def steg(self) -> list[tuple[str, bool]]:
        """Steps to take before the service is in use, in order, and whether each is done."""
        return [
            ("Hovedavtalen er signert", self.hovedavtale is not None and self.hovedavtale.er_signert),
            ("Tjenestevedlegget er signert", self.vedlegg is not None and self.vedlegg.er_signert),
            ("Tjenesten er opprettet", self.stand.initialisert is not None),
            *((("Det finnes en åpen konto", self.har_konto),) if self.trenger_konto else ()),
            ("Tjenesten er tatt i bruk", self.stand.konfigurert is not None),
        ]

    @property
    def trenger_konto(self) -> bool:
        """Whether a konto must be created before the service can be taken into use."""
        return self.stand.kode in NY_KONTO

    @property
    def ny_konto(self) -> str:
        """The endpoint that creates the konto."""
        return NY_KONTO[self.stand.kode]

    @property
    def neste(self) -> str:
        """The next act: hovedavtale, vedlegg, opprett, konto, ta_i_bruk; empty when there is none."""
        acts = ("hovedavtale", "vedlegg", "opprett")
        if self.stand.konfigurert is not None:
            return ""
        if self.stand.initialisert is not None:
            return "ta_i_bruk" if self.har_konto or not self.trenger_konto else "konto"
        return next(act for act, (_, done) in zip(acts, self.steg, strict=False) if not done)


@blueprint.get("/tjenester")
def tjenester() -> str:
    """Agreements and services, for readers of the organisation's data and for signers."""
    organisasjon_id = own_organisation(P.ORG_LES, P.AVTALE_SIGNER)
    avtaler = {one.tjeneste_kode: one for one in agreements_of(organisasjon_id)}
    open_konto = {
        activation.SVARUT: any(konto.aktivert for konto in konfigurasjon.kontoer_of(organisasjon_id)),
        activation.VARSLING: not all(closed_by_konto(organisasjon_id).values()),
    }
    found = [
        Tjenesteside(
            stand,
            TJENESTER.get(stand.kode, Tjenestetekst(stand.kode, "")),
            avtaler.get(None),
            avtaler.get(stand.kode),
            open_konto.get(stand.kode, False) and stand.initialisert is not None,
        )
        for stand in services_of(organisasjon_id)
    ]
    return render_template(
        "organisasjon/tjenester.html",
        org=konfigurasjon.organisasjon(organisasjon_id),
        tjenester=found,
        avtaler=list(avtaler.values()),
        kan_signere=may_here(P.AVTALE_SIGNER),
        kan_administrere=may_here(P.ADMIN),
    )


@blueprint.post("/tjenester/<kode>/opprett")
def opprett_tjeneste(kode: str) -> AnyResponse:
    """Create the service's ressurs."""
    organisasjon_id = own_organisation(P.ADMIN)
    try:
        activation.initialise(organisasjon_id, kode, actor=current_actor())
    except (Konflikt, IkkeTilgang) as error:
        return _refused(error)
    needs = kode in NY_KONTO
    flash(f"Tjenesten er opprettet. {'Lag en konto, og ta' if needs else 'Ta'} den i bruk.", "success")
    return redirect(url_for("organisasjon.tjenester"), 303)


@blueprint.post("/tjenester/<kode>/ta-i-bruk")
def ta_i_bruk(kode: str) -> AnyResponse:
    """Take the service into use: from now on it can be used."""
    organisasjon_id = own_organisation(P.ADMIN)
    try:
        activation.configure(organisasjon_id, kode, actor=current_actor())
    except Konflikt as error:
        return _refused(error)
    flash("Tjenesten er tatt i bruk.", "success")
    return redirect(url_for("organisasjon.tjenester"), 303)


def _refused(error: FiksError) -> AnyResponse:
    flash(error_text(error), "warning")
    return redirect(url_for("organisasjon.tjenester"), 303)
