"""The reviewed list of routes: what each may be called with and who may pass. Written by hand, never derived.

A new route stops the tests until somebody has thought about it and added its row. `kan`: the roles of `people.ROLES`
that may pass. `om` says what the route is about, and with it what the others are answered:
`alle` nothing is refused · `meg` only a login is asked for · `organisasjon` the chosen organisation ·
`utsending` and `forsendelse` one mailing or letter, which those of another konto or kommune may not know of ·
`konto` one konto, which an administrator of another kommune may not know of ·
`brev` one citizen's letter, or what one has written ·
`mottakersystem` one system of SvarInn, of which an administrator of another kommune may not know ·
`mottak` a letter that waits for a system of SvarInn, of which nobody may know who does not receive for that ·
`integrasjon` one of the kommune's machines, of which an administrator of another kommune may not know ·
`rot` the platform itself, which only its operators may enter ·
`tilgang` one grant, which an administrator of another kommune may not know of ·
`kollega` a person who works for the kommune, of whom an administrator of another kommune may not know ·
`gruppe` a group, and `gjennomgang` a review of grants, of which an administrator of another kommune may not know ·
`maskin` asks for a token and an integrasjon, or the password of a konto or a mottakersystem, so that no login and no
cookie opens it.
"""

from __future__ import annotations

from dataclasses import dataclass

from fiks.utsending.rules import Utsendingstatus
from tests.security.people import ROLES

U = Utsendingstatus
EVERYBODY = frozenset(ROLES)
LOGGED_IN = EVERYBODY - {"anonym"}
STAFF = LOGGED_IN - {"niva3", "mottaker"}
SEE = frozenset({"lese", "sende", "godkjenne", "stoppe", "admin"})
SEND = frozenset({"sende", "admin"})
APPROVE = frozenset({"godkjenne", "admin"})
STOP = frozenset({"stoppe", "admin"})
ADMINS = frozenset({"admin", "annen_kommune"})
"""Administrators, each of their own organisation."""
OPERATORS = frozenset({"operator"})
LOG = frozenset({"lese", "sende", "stoppe", "admin"})
LETTER = frozenset({"lese", "sende", "godkjenne", "admin"})
SMS = frozenset({"sms", "admin"})
RECEIVES = frozenset({"motta", "motta_uten_altinn"})
ELSEWHERE = frozenset({"annen_konto", "annen_kommune"})
"""They hold the same privileges on what is theirs, so they pass where the route is about their own."""


@dataclass(frozen=True)
class Rute:
    """`status`: the state of the mailing in which the route has something to do."""

    metoder: str
    kan: frozenset[str]
    om: str
    status: Utsendingstatus = U.UTKAST
    bit: bool = False
    """A part of a page that is fetched by itself; as a page it only sends one to the page it belongs to."""
    sletter: bool = False
    """It deletes what it is about, so each that may pass is given one of their own."""


def _public(metoder: str = "GET") -> Rute:
    return Rute(metoder, EVERYBODY, "alle")


def _part(kan: frozenset[str], status: Utsendingstatus = U.UTKAST) -> Rute:
    return Rute("GET", kan, "utsending", status, bit=True)


def _of(kan: frozenset[str], metoder: str, status: Utsendingstatus = U.UTKAST) -> Rute:
    return Rute(metoder, kan, "utsending", status)


def _letter(kan: frozenset[str], metoder: str) -> Rute:
    return Rute(metoder, kan, "forsendelse", U.SENDES)


def _received(metoder: str, *, sletter: bool = False) -> Rute:
    """Who receives for the system and has Altinn's right to the letter. Other letters: `test_mottak`."""
    return Rute(metoder, frozenset({"admin", "motta"}), "mottak", sletter=sletter)


def _system(metoder: str) -> Rute:
    return Rute(metoder, frozenset({"admin"}), "mottakersystem")


def _machine(metoder: str = "GET") -> Rute:
    return Rute(metoder, frozenset(), "maskin")


REVIEWED: dict[str, Rute] = {
    "static": _public(),
    "sider.forside": Rute("GET", LOGGED_IN, "meg"),
    "helse.levende": _public(),
    "helse.klar": _public(),
    "sider.hjelp": _public(),
    "sider.personvern": _public(),
    "sider.tilgjengelighet": _public(),
    "innlogging.logg_inn": _public(),
    "innlogging.start": _public(),
    "innlogging.tilbake": _public(),
    "innlogging.frontkanal": _public(),
    "innlogging.logget_ut": _public(),
    "innlogging.bekreft": Rute("GET", LOGGED_IN, "meg"),
    "innlogging.varer": Rute("GET", LOGGED_IN, "meg", bit=True),
    "innlogging.fortsett": Rute("GET", LOGGED_IN, "meg"),
    "innlogging.logg_ut": _public("POST"),
    "innlogging.velg_organisasjon": Rute("GET POST", STAFF, "meg"),
    "forvaltning.oversikt": Rute(
        "GET", SEE | ELSEWHERE | RECEIVES | {"revisor", "sms", "oppslag"}, "organisasjon"
    ),
    "forvaltning.statistikk": Rute("GET", SEE | ELSEWHERE, "organisasjon"),
    "forvaltning.privilegier": Rute("GET", STAFF, "meg"),
    "forvaltning.revisjonslogg": Rute(
        "GET", frozenset({"revisor", "admin", "annen_kommune"}), "organisasjon"
    ),
    "forvaltning.revisjonslogg_eksport": Rute(
        "GET", frozenset({"revisor", "admin", "annen_kommune"}), "organisasjon"
    ),
    "utsending.liste": Rute("GET", SEE | ELSEWHERE, "organisasjon"),
    "utsending.ny": Rute("GET POST", SEND | ELSEWHERE, "organisasjon"),
    "utsending.eksempel": Rute("GET", SEND | ELSEWHERE, "organisasjon"),
    "utsending.fakta": _of(SEND, "GET POST"),
    "utsending.steg": Rute("GET", SEND | ELSEWHERE, "organisasjon"),
    "utsending.mottakere": _of(SEND, "GET"),
    "utsending.last_opp_liste": _of(SEND, "POST"),
    "utsending.lesing": _part(SEND),
    "utsending.kolonner": _of(SEND, "GET POST"),
    "utsending.les_igjen": _of(SEND, "POST"),
    "utsending.fjern_liste": _of(SEND, "POST"),
    "utsending.skriv": _of(SEND, "GET"),
    "utsending.sla_opp": _of(SEND, "POST"),
    "utsending.legg_til": _of(SEND, "POST"),
    "utsending.fjern_rad": _of(SEND, "POST"),
    "utsending.kontroll": _of(SEND, "GET"),
    "utsending.forslag": _of(SEND, "GET POST"),
    "utsending.til_side": _of(SEND, "POST"),
    "utsending.kan_ikke_naas": _of(SEND, "POST"),
    "utsending.overstyr": _of(SEND, "POST"),
    "utsending.feilliste": _of(SEND, "GET"),
    "utsending.brev": _of(SEND, "GET"),
    "utsending.velg_mal": _of(SEND, "POST"),
    "utsending.rediger_mal": _of(SEND, "GET"),
    "utsending.lagre_mal": _of(SEND, "POST"),
    "utsending.last_opp_dokument": _of(SEND, "POST"),
    "utsending.dokumentkontroll": _part(SEND),
    "utsending.dokumentside": _of(SEND, "GET"),
    "utsending.last_opp_filer": _of(SEND, "POST"),
    "utsending.last_opp_zip": _of(SEND, "POST"),
    "utsending.filer_mangler": _of(SEND, "POST"),
    "utsending.filer_fremdrift": _part(SEND),
    "utsending.fjern_filer": _of(SEND, "POST"),
    "utsending.ubrukte_sett": _of(SEND, "POST"),
    "utsending.filer_igjen": _of(SEND, "POST"),
    "utsending.velg_giro": _of(SEND, "POST"),
    "utsending.filer": _of(SEND, "GET"),
    "utsending.filfunn": _of(SEND, "GET"),
    "utsending.fil": _of(SEND, "GET"),
    "utsending.filside": _of(SEND, "GET"),
    "utsending.filpdf": _of(SEND, "GET"),
    "utsending.samlet": _of(SEND, "GET"),
    "utsending.last_opp_samlet": _of(SEND, "POST"),
    "utsending.samlet_fremdrift": _part(SEND),
    "utsending.samlet_igjen": _of(SEND, "POST"),
    "utsending.fjern_samlet": _of(SEND, "POST"),
    "utsending.last_opp_tillegg": _of(SEND, "POST"),
    "utsending.fjern_tillegg": _of(SEND, "POST"),
    "utsending.oppsett": _of(SEND, "GET POST"),
    "utsending.oppsettside": _of(SEND, "GET"),
    "utsending.brevene": _of(SEND, "GET"),
    "utsending.brevet": _of(SEND, "GET"),
    "utsending.brevstripe": _of(SEND, "GET"),
    "utsending.samlede_brev": _of(SEND, "GET"),
    "utsending.provebrev": _of(SEND, "POST"),
    "utsending.oppsummering": _of(SEND, "GET POST"),
    "utsending.bestill_visning": _of(LETTER, "POST"),
    "utsending.forhandsvisning": _of(LETTER, "GET"),
    "utsending.visning_venter": _part(LETTER),
    "utsending.visning_side": _of(LETTER, "GET"),
    "utsending.visning_pdf": _of(LETTER, "GET"),
    "utsending.visning_dokument": _of(LETTER, "GET"),
    "utsending.detalj": _of(SEE, "GET"),
    "utsending.fremdrift": _part(SEE, U.SENDES),
    "utsending.godkjenning": _of(APPROVE, "GET", U.TIL_GODKJENNING),
    "utsending.vis_brev": _of(APPROVE, "POST", U.TIL_GODKJENNING),
    "utsending.godkjenning_brev": _part(APPROVE, U.TIL_GODKJENNING),
    "utsending.godkjenning_bilde": _of(APPROVE, "GET", U.TIL_GODKJENNING),
    "utsending.godkjenn": _of(APPROVE, "POST", U.TIL_GODKJENNING),
    "utsending.avvis": _of(APPROVE, "POST", U.TIL_GODKJENNING),
    "utsending.trekk_tilbake": _of(SEND, "POST", U.TIL_GODKJENNING),
    "utsending.slett": Rute("GET POST", SEND, "utsending", sletter=True),
    "utsending.frigi": _of(SEND | APPROVE, "GET POST", U.GODKJENT),
    "utsending.ny_dato": _of(SEND, "POST", U.GODKJENT),
    "utsending.stopp": _of(STOP | SEND | APPROVE, "GET POST", U.SENDES),
    "utsending.stoppsvar": _of(SEE, "GET", U.STOPPET),
    "utsending.nytt_utkast": _of(SEND, "POST", U.STOPPET),
    "utsending.ikke_skriv_ut": _of(STOP, "GET POST", U.SENDES),
    "utsending.stopp_papir": _of(STOP, "GET POST", U.STOPPET),
    "utsending.rapport": _of(SEE, "GET", U.SENDES),
    "utsending.brevliste": _of(SEE, "GET", U.SENDES),
    "utsending.tidslinje": _of(SEE, "GET", U.SENDES),
    "utsending.prov_igjen": _of(SEND, "POST", U.SENDES),
    "utsending.prov_alle_igjen": _of(SEND, "POST", U.SENDES),
    "organisasjon.forstegang": Rute("GET", ADMINS, "organisasjon"),
    "organisasjon.oppsett": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.oversikt": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "organisasjon.rediger": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.logobilde": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "organisasjon.logo": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.fjern_logo": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.ressurser": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "organisasjon.tjenester": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "organisasjon.opprett_tjeneste": Rute("POST", ADMINS, "organisasjon"),
    "organisasjon.ta_i_bruk": Rute("POST", ADMINS, "organisasjon"),
    "organisasjon.avtale": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "organisasjon.signer": Rute("POST", ADMINS, "organisasjon"),
    "organisasjon.ny_konto": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.konto": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.steng_konto": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.apne_konto": Rute("POST", frozenset({"admin"}), "konto"),
    "integrasjoner.oversikt": Rute("GET", ADMINS, "organisasjon"),
    "integrasjoner.ny": Rute("GET POST", ADMINS, "organisasjon"),
    "integrasjoner.detalj": Rute("GET", frozenset({"admin"}), "integrasjon"),
    "integrasjoner.rediger": Rute("GET POST", frozenset({"admin"}), "integrasjon"),
    "integrasjoner.passord": Rute("GET POST", frozenset({"admin"}), "integrasjon"),
    "integrasjoner.slett": Rute("GET POST", frozenset({"admin"}), "integrasjon", sletter=True),
    "integrasjoner.gi": Rute("GET POST", frozenset({"admin"}), "integrasjon"),
    "integrasjoner.trekk_tilbake": Rute("GET POST", frozenset({"admin"}), "integrasjon"),
    "integrasjoner.trekk_alle": Rute("GET POST", frozenset({"admin"}), "integrasjon"),
    "svarinn.oversikt": Rute("GET", ADMINS, "organisasjon"),
    "svarinn.ny": Rute("GET POST", ADMINS, "organisasjon"),
    "svarinn.detalj": _system("GET"),
    "svarinn.rediger": _system("GET POST"),
    "svarinn.steng": _system("GET POST"),
    "svarinn.apne": _system("POST"),
    "svarinn.ny_kobling": _system("GET POST"),
    "svarinn.kobling": _system("GET POST"),
    "svarinn.fjern_kobling": Rute("GET POST", frozenset({"admin"}), "mottakersystem", sletter=True),
    "svarinn.passord": _system("GET POST"),
    "svarinn.sertifikat": _system("GET POST"),
    "svarinn.fjern_sertifikat": _system("GET POST"),
    "mottak.liste": Rute("GET", ADMINS | RECEIVES, "organisasjon"),
    "mottak.brev": _received("GET"),
    "mottak.fil": _received("GET"),
    "mottak.filer": _received("GET"),
    "mottak.sider": _received("GET"),
    "mottak.side": _received("GET"),
    "mottak.motta": _received("POST", sletter=True),
    "mottak.avvis": _received("GET POST"),
    "mottak.flytt": _received("GET POST"),
    "mottak.tildel": _received("POST"),
    "mottak.notat": _received("POST"),
    "rot.organisasjoner": Rute("GET POST", OPERATORS, "rot"),
    "rot.ny_organisasjon": Rute("GET POST", OPERATORS, "rot"),
    "rot.organisasjon": Rute("GET", OPERATORS, "rot"),
    "rot.ny_administrator": Rute("GET POST", OPERATORS, "rot"),
    "rot.endre_organisasjon": Rute("GET POST", OPERATORS, "rot"),
    "rot.rett_navn": Rute("GET POST", OPERATORS, "rot"),
    "rot.avtaler": Rute("GET", OPERATORS, "rot"),
    "rot.ny_avtale": Rute("GET POST", OPERATORS, "rot"),
    "rot.integrasjoner": Rute("GET", OPERATORS, "rot"),
    "rot.ny_integrasjon": Rute("GET POST", OPERATORS, "rot"),
    "rot.integrasjon": Rute("GET", OPERATORS, "rot"),
    "rot.passord": Rute("GET POST", OPERATORS, "rot"),
    "rot.slett_integrasjon": Rute("GET POST", OPERATORS, "rot", sletter=True),
    "rot.drift": Rute("GET", OPERATORS, "rot"),
    "rot.drift_naa": Rute("GET", OPERATORS, "rot", bit=True),
    "rot.stans": Rute("GET POST", OPERATORS, "rot"),
    "rot.start": Rute("GET POST", OPERATORS, "rot"),
    "dybde.dybde": Rute("GET", OPERATORS, "rot"),
    "oppslag.registeroppslag": Rute("GET POST", frozenset({"oppslag"}), "organisasjon"),
    "api_register.krr": _machine("POST"),
    "api_register.person": _machine("POST"),
    "api_register.enhet": _machine("POST"),
    "api_konfigurasjon.autentisering": _machine(),
    "api_konfigurasjon.organisasjon": _machine(),
    "api_dokumentasjon.openapi": _public(),
    "api_dokumentasjon.dokumentasjon": _public(),
    "api_dokumentasjon.feilkoder": _public(),
    "varsling_sms.send": _machine("POST"),
    "varsling_sms.send_batch": _machine("POST"),
    "varsling_sms.oppslag": _machine("POST"),
    "varsling_sms.status": _machine(),
    "varsling_sms.konto": _machine(),
    "svarut_v2.forsendelse": _machine("POST"),
    "svarut_v2.status": _machine("POST"),
    "svarut_v2.eksternref": _machine(),
    "svarut_v2.eksternref_metadata": _machine(),
    "svarut_v2.hendelser": _machine(),
    "svarut_v2.signeringshendelser": _machine(),
    "svarut_v2.metadata": _machine(),
    "svarut_v2.lest": _machine("POST"),
    "svarut_v2.slett": _machine("DELETE"),
    "svarut_v2.forsendelsestyper": _machine(),
    "svarut_v2.mottakersystem": _machine(),
    "svarut_v3.person": _machine("POST"),
    "svarut_v3.organisasjon": _machine("POST"),
    "svarut_v3.papir": _machine("POST"),
    "svarut_v3.nhn": _machine("POST"),
    "svarut_v3.status": _machine("POST"),
    "svarinn_v1.hent_nye": _machine(),
    "svarinn_v1.hent": _machine(),
    "svarinn_v1.kvitter": _machine("POST"),
    "svarinn_v1.feilet": _machine("POST"),
    "svarinn_v2.forsendelser": _machine(),
    "svarinn_v2.forsendelse": _machine(),
    "svarinn_v2.status": _machine("PATCH"),
    "svarinn_konfigurasjon.systemer": _machine(),
    "svarinn_konfigurasjon.nytt_system": _machine("POST"),
    "svarinn_konfigurasjon.system": _machine(),
    "svarinn_konfigurasjon.endre_system": _machine("PUT"),
    "svarinn_konfigurasjon.koblinger": _machine(),
    "svarinn_konfigurasjon.ny_kobling": _machine("POST"),
    "svarinn_konfigurasjon.endre_kobling": _machine("PUT"),
    "svarinn_konfigurasjon.fjern_kobling": _machine("DELETE"),
    "svarinn_konfigurasjon.aktivstatus": _machine("PUT"),
    "svarinn_konfigurasjon.passord": _machine("PUT"),
    "svarinn_konfigurasjon.sertifikat": _machine(),
    "svarinn_konfigurasjon.nytt_sertifikat": _machine("PUT"),
    "svarinn_konfigurasjon.fjern_sertifikat": _machine("DELETE"),
    "svarinn_konfigurasjon.forsendelsestyper": _machine(),
    "svarinn_konfigurasjon.altinn_organisasjoner": _machine(),
    "svarinn_konfigurasjon.oppslag": _machine("POST"),
    "api_edialog.alle": _machine(),
    "api_edialog.ny": _machine("POST"),
    "api_edialog.en": _machine(),
    "api_edialog.endre": _machine("PUT"),
    "api_edialog.status": _machine("PUT"),
    "api_edialog.printleverandor": _machine("PUT"),
    "api_edialog.oppslag": _machine(),
    "api_edialog_skjema.alle": _machine(),
    "api_edialog_skjema.ny": _machine("POST"),
    "api_edialog_skjema.ett": _machine(),
    "api_edialog_skjema.endre": _machine("PATCH"),
    "api_edialog_skjema.slett": _machine("DELETE"),
    "api_edialog_skjema.last_opp": _machine("POST"),
    "api_edialog_skjema.slett_fil": _machine("DELETE"),
    "api_edialog_skjema.send": _machine("POST"),
    "api_print.klasse": _machine(),
    "api_print.ordre": _machine(),
    "svarut_nokkel.hent": _public(),
    "minside.brev": Rute("GET", frozenset({"mottaker"}), "brev", U.SENDES),
    "innlogging.bakkanal": _public("POST"),
    "innlogging.skjema": Rute("GET", LOGGED_IN, "meg"),
    "innlogging.forkast_skjema": Rute("POST", LOGGED_IN, "meg"),
    "forvaltning.avslutt_for": Rute("GET POST", frozenset({"admin"}), "kollega"),
    "minside.forside": Rute("GET", LOGGED_IN, "meg"),
    "minside.velg_aktor": Rute("GET", LOGGED_IN, "meg"),
    "minside.bytt_aktor": Rute("POST", LOGGED_IN, "meg"),
    "minside.bytt_sprak": Rute("POST", LOGGED_IN, "meg"),
    "minside.hjelp": _public(),
    "minside.personvern": _public(),
    "minside.tilgjengelighet": _public(),
    "minside.innsynslogg": Rute("GET", LOGGED_IN, "meg"),
    "minside.innlogginger": Rute("GET", LOGGED_IN, "meg"),
    "minside.avslutt_innlogging": Rute("POST", LOGGED_IN, "meg"),
    "tilganger.oversikt": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "tilganger.ressurs": Rute("GET", frozenset({"admin", "revisor"}), "konto"),
    "tilganger.lagre": Rute("POST", frozenset({"admin"}), "konto"),
    "tilganger.bekreft": Rute("GET POST", frozenset({"admin"}), "konto"),
    "tilganger.ny": Rute("GET POST", frozenset({"admin"}), "konto"),
    "tilganger.ny_bekreft": Rute("GET POST", frozenset({"admin"}), "konto"),
    "tilganger.fjern": Rute("GET POST", frozenset({"admin"}), "tilgang", sletter=True),
    "tilganger.slutt": Rute("GET POST", frozenset({"admin"}), "tilgang"),
    "tilganger.personer": Rute("GET POST", ADMINS | {"revisor"}, "organisasjon"),
    "tilganger.person": Rute("GET", frozenset({"admin", "revisor"}), "kollega"),
    "tilganger.sluttet": Rute("GET POST", frozenset({"admin"}), "kollega", sletter=True),
    "tilganger.grupper": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "tilganger.gruppe": Rute("GET", frozenset({"admin", "revisor"}), "gruppe"),
    "tilganger.ny_gruppe": Rute("GET POST", ADMINS, "organisasjon"),
    "tilganger.gruppenavn": Rute("GET POST", frozenset({"admin"}), "gruppe"),
    "tilganger.nytt_medlem": Rute("GET POST", frozenset({"admin"}), "gruppe"),
    "tilganger.fjern_medlem": Rute("GET POST", frozenset({"admin"}), "gruppe", sletter=True),
    "tilganger.slett_gruppe": Rute("GET POST", frozenset({"admin"}), "gruppe", sletter=True),
    "tilganger.gjennomgang": Rute("GET", ADMINS | {"revisor"}, "organisasjon"),
    "tilganger.start_gjennomgang": Rute("POST", ADMINS, "organisasjon"),
    "tilganger.vurdering": Rute("GET", frozenset({"admin"}), "gjennomgang"),
    "tilganger.svar_gjennomgang": Rute("POST", frozenset({"admin"}), "gjennomgang"),
    "tilganger.fra_fil": Rute("GET POST", ADMINS, "organisasjon"),
    "tilganger.eksempelfil": Rute("GET", ADMINS, "organisasjon"),
    "tilganger.filkontroll": Rute("GET", ADMINS, "organisasjon"),
    "tilganger.gi_fra_fil": Rute("POST", ADMINS, "organisasjon"),
    "tilganger.forkast_fil": Rute("POST", ADMINS, "organisasjon"),
    "tilganger.eksport": Rute("POST", ADMINS | {"revisor"}, "organisasjon"),
    # The sender's pages of SvarUt.
    "organisasjon.kontodel": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.bankkonto": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.forside": Rute("GET", frozenset({"admin"}), "konto"),
    "organisasjon.servicepassord": Rute("GET POST", frozenset({"admin"}), "konto"),
    "forvaltning.statistikk_eksport": Rute("GET", SEE | ELSEWHERE, "organisasjon"),
    "svarut.forsendelser": Rute("GET", LOG | ELSEWHERE, "organisasjon"),
    "svarut.mottaker": Rute("GET POST", LOG | ELSEWHERE, "organisasjon"),
    "svarut.eksport": Rute("GET", LOG | ELSEWHERE, "organisasjon"),
    "svarut.forsendelse": _letter(LOG, "GET"),
    "svarut.prov_igjen": _letter(SEND, "GET POST"),
    "svarut.handtert": _letter(STOP, "GET POST"),
    "svarut.retur": _letter(SEND, "GET POST"),
    "svarut.slett": _letter(SEND, "GET POST"),
    # SMS. An administrator of another kommune sees their own pages, which are empty.
    "sms.oversikt": Rute("GET", SMS | {"annen_kommune"}, "organisasjon"),
    "sms.ny": Rute("GET POST", SMS | {"annen_kommune"}, "organisasjon"),
    "sms.se_over": Rute("GET", SMS | {"annen_kommune"}, "organisasjon"),
    "sms.send": Rute("POST", SMS | {"annen_kommune"}, "organisasjon"),
    "sms.utsendelse": Rute("GET", SMS, "konto"),
    "sms.fremdrift": Rute("GET", SMS, "konto", bit=True),
    "sms.mottakere": Rute("GET", SMS, "konto"),
    "organisasjon.priser": Rute("GET", ADMINS, "organisasjon"),
    "organisasjon.prisliste": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.ny_smskonto": Rute("GET POST", ADMINS, "organisasjon"),
    "organisasjon.smskonto": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.steng_smskonto": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.apne_smskonto": Rute("POST", frozenset({"admin"}), "konto"),
    "utskrift.ko": Rute("GET", SEND | ELSEWHERE, "organisasjon"),
    "utskrift.brev": _letter(SEND, "GET"),
    "utskrift.postlagt": Rute("GET POST", SEND | ELSEWHERE, "organisasjon"),
    # SvarUt REST v1 and SOAP: the service password of a konto, and nothing else
    "api_svarut_v1.send": Rute("POST", frozenset(), "maskin"),
    "api_svarut_v1.start": Rute("POST", frozenset(), "maskin"),
    "api_svarut_v1.send_med_id": Rute("POST", frozenset(), "maskin"),
    "api_svarut_v1.status": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.statuser": Rute("POST", frozenset(), "maskin"),
    "api_svarut_v1.historikk": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.signeringhistorikk": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.dokument_metadata": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.sett_lest": Rute("POST", frozenset(), "maskin"),
    "api_svarut_v1.forsendelse_typer": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.mottakersystem": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.mottakersystem_for": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.eksternref": Rute("GET", frozenset(), "maskin"),
    "api_svarut_v1.slett_filer": Rute("POST", frozenset(), "maskin"),
    "api_svarut_soap.wsdl": _public(),
    "api_svarut_soap.kall": Rute("POST", frozenset(), "maskin"),
    "minside.post": Rute("GET", LOGGED_IN, "meg"),
    "minside.post_brev": Rute("GET", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.brev_lenke": Rute("GET", frozenset({"mottaker"}), "brev", U.SENDES),
    # eDialog: anybody may begin; what is begun, like a letter, is its own person's
    "minside.edialog_velg": Rute("GET", LOGGED_IN, "meg"),
    "minside.edialog_mottaker": Rute("GET", LOGGED_IN, "meg"),
    "minside.edialog_start": Rute("GET POST", LOGGED_IN, "meg"),
    "minside.henvendelser": Rute("GET", LOGGED_IN, "meg"),
    "minside.edialog_svar": Rute("GET POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_skjema": Rute("GET POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_vedlegg": Rute("GET POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_fjern_fil": Rute("POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_oppsummering": Rute("GET POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_kvittering": Rute("GET", frozenset({"mottaker"}), "brev", U.SENDES),
    "minside.edialog_slett": Rute("GET POST", frozenset({"mottaker"}), "brev", U.SENDES),
    "organisasjon.edialog": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.edialog_nytt_skjema": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.edialog_skjema": Rute("GET POST", frozenset({"admin"}), "konto"),
    "organisasjon.edialog_fjern_skjema": Rute("GET POST", frozenset({"admin"}), "konto", sletter=True),
    "organisasjon.edialog_standard": Rute("POST", frozenset({"admin"}), "konto"),
}
