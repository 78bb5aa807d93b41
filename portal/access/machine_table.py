"""What each machine route demands; a part of the access table in `table`."""

from __future__ import annotations

from portal.access.kinds import Krav, kontopassord, maskin, mottakersystem, offentlig

LETTER_BODY = 5 * 1024 * 1024 * 1024 + 16 * 1024 * 1024
SOAP_BODY = LETTER_BODY // 3 * 4
"""Body limits a little above the largest letter (SOAP: base64)."""

ATTACHMENT_BODY = 101 * 1024 * 1024
"""Body limit a little above the most that the files of one skjema may hold together."""

SENDER = maskin("SVARUT.SENDE", ressurs="konto_id", maks_bytes=LETTER_BODY)
LESER = maskin("SVARUT.LESE", "SVARUT.SENDE", ressurs="konto_id")
"""SENDER: a machine that sends from the konto in the address. LESER: one that asks about that konto's
letters.

Whether the service is in use is checked at intake, for new letters only: a letter sent again gets its first
answer.
"""
REGISTER = maskin("REGISTER.OPPSLAG", ressurs="fiks_org_id")
INNBYGGER = maskin(nivaa=3)
"""A machine that calls for a citizen, about the citizen's own things."""
SMS = maskin("VARSLING.SMS_SENDE", ressurs="smskonto_id", tjeneste="VARSLING")
SMS_SENDER = maskin("VARSLING.SMS_SENDE", ressurs="smskonto_id")
"""SMS: a machine that asks about SMS. SMS_SENDER: one that sends; intake checks that the service is in use,
as for letters.
"""

MASKINER: dict[str, Krav] = {
    # Fiks-konfigurasjon for machines. The first is a test of the door, also for those that call for citizens.
    "api_konfigurasjon.autentisering": maskin(nivaa=3),
    "api_konfigurasjon.organisasjon": maskin("ORG.LES", ressurs="fiks_org_id"),
    # SvarUt for machines. A letter's own routes ask for its konto in the use case.
    "svarut_v2.forsendelse": SENDER,
    "svarut_v2.status": LESER,
    "svarut_v2.eksternref": LESER,
    "svarut_v2.eksternref_metadata": LESER,
    "svarut_v2.hendelser": maskin(),
    "svarut_v2.signeringshendelser": maskin(),
    "svarut_v2.metadata": maskin(),
    "svarut_v2.lest": maskin(),
    "svarut_v2.slett": maskin(),
    "svarut_v2.forsendelsestyper": maskin(),
    "svarut_v2.mottakersystem": maskin(),
    "svarut_v3.person": SENDER,
    "svarut_v3.organisasjon": SENDER,
    "svarut_v3.papir": SENDER,
    "svarut_v3.nhn": SENDER,
    "svarut_v3.status": LESER,
    # SvarUt REST v1 and SOAP, by the service password of a konto.
    "api_svarut_v1.send": kontopassord(maks_bytes=LETTER_BODY),
    "api_svarut_v1.start": kontopassord(),
    "api_svarut_v1.send_med_id": kontopassord(maks_bytes=LETTER_BODY),
    "api_svarut_v1.status": kontopassord(),
    "api_svarut_v1.statuser": kontopassord(),
    "api_svarut_v1.historikk": kontopassord(),
    "api_svarut_v1.signeringhistorikk": kontopassord(),
    "api_svarut_v1.dokument_metadata": kontopassord(),
    "api_svarut_v1.sett_lest": kontopassord(),
    "api_svarut_v1.forsendelse_typer": kontopassord(),
    "api_svarut_v1.mottakersystem": kontopassord(),
    "api_svarut_v1.mottakersystem_for": kontopassord(),
    "api_svarut_v1.eksternref": kontopassord(),
    "api_svarut_v1.slett_filer": kontopassord(),
    "api_svarut_soap.wsdl": offentlig(),
    "api_svarut_soap.kall": kontopassord(maks_bytes=SOAP_BODY),
    # SMS for machines.
    "varsling_sms.send": SMS_SENDER,
    "varsling_sms.send_batch": SMS_SENDER,
    "varsling_sms.oppslag": SMS,
    "varsling_sms.status": SMS,
    "varsling_sms.konto": SMS,
    # The national registers.
    "api_register.krr": REGISTER,
    "api_register.person": REGISTER,
    "api_register.enhet": REGISTER,
    # SvarInn, by the service password of a mottakersystem.
    "svarinn_v1.hent_nye": mottakersystem(),
    "svarinn_v1.hent": mottakersystem(),
    "svarinn_v1.kvitter": mottakersystem(),
    "svarinn_v1.feilet": mottakersystem(),
    "svarinn_v2.forsendelser": mottakersystem(),
    "svarinn_v2.forsendelse": mottakersystem(),
    "svarinn_v2.status": mottakersystem(),
    # Configuration of mottakersystemer. Each route asks for its service or system (`konfigurasjon._enter`).
    "svarinn_konfigurasjon.systemer": maskin(),
    "svarinn_konfigurasjon.nytt_system": maskin(),
    "svarinn_konfigurasjon.system": maskin(),
    "svarinn_konfigurasjon.endre_system": maskin(),
    "svarinn_konfigurasjon.koblinger": maskin(),
    "svarinn_konfigurasjon.ny_kobling": maskin(),
    "svarinn_konfigurasjon.endre_kobling": maskin(),
    "svarinn_konfigurasjon.fjern_kobling": maskin(),
    "svarinn_konfigurasjon.aktivstatus": maskin(),
    "svarinn_konfigurasjon.passord": maskin(),
    "svarinn_konfigurasjon.sertifikat": maskin(),
    "svarinn_konfigurasjon.nytt_sertifikat": maskin(),
    "svarinn_konfigurasjon.fjern_sertifikat": maskin(),
    "svarinn_konfigurasjon.forsendelsestyper": maskin(),
    "svarinn_konfigurasjon.altinn_organisasjoner": maskin(),
    "svarinn_konfigurasjon.oppslag": maskin(),
    # Configuration of eDialog. Each route asks for the mottaker's konto (`mottakere._enter`).
    "api_edialog.alle": maskin(),
    "api_edialog.ny": maskin(),
    "api_edialog.en": maskin(),
    "api_edialog.endre": maskin(),
    "api_edialog.status": maskin(),
    "api_edialog.printleverandor": maskin(),
    "api_edialog.oppslag": maskin(),
    # eDialog's skjemaer, by a machine that calls for a logged-in citizen: the routes ask for the person.
    "api_edialog_skjema.alle": INNBYGGER,
    "api_edialog_skjema.ny": INNBYGGER,
    "api_edialog_skjema.ett": INNBYGGER,
    "api_edialog_skjema.endre": INNBYGGER,
    "api_edialog_skjema.slett": INNBYGGER,
    "api_edialog_skjema.last_opp": maskin(maks_bytes=ATTACHMENT_BODY, nivaa=3),
    "api_edialog_skjema.slett_fil": INNBYGGER,
    "api_edialog_skjema.send": INNBYGGER,
    # Print for machines. The use case asks for an order's own konto.
    "api_print.klasse": maskin(),
    "api_print.ordre": maskin(),
    # What senders encrypt letters to.
    "svarut_nokkel.hent": offentlig(),
}
