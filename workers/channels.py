"""The channels as delivery sees them: each turns a letter into its client's message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from config.settings import Printhus, Settings
from fiks.core import clock
from fiks.core.db import transaction
from fiks.core.environment import current
from fiks.core.values.login_level import Sikkerhetsniva
from fiks.pdf import Sammenfletter, Utskriftsdokument
from fiks.print.handover.client import LONGEST_SECONDS, TIMEOUT_SECONDS, PrintClient
from fiks.print.handover.deliver import Hus
from fiks.print.receipt_feed import Ordrefeed
from fiks.print.rules import Trykksak
from fiks.registeroppslag.register import open_register
from fiks.sms.rules import after_quiet_hours
from fiks.svarut.channels.altinn import AltinnClient
from fiks.svarut.channels.altinn_text import escape_address, escape_text
from fiks.svarut.channels.base import TIMEOUT, Utgaende
from fiks.svarut.channels.dpi import DpiClient
from fiks.svarut.delivery.deliver import Kanalport, Verden
from fiks.svarut.delivery.register_lookup import Registers
from fiks.svarut.documents import mailbox_file, offered_files
from fiks.svarut.letters import Brev, read_checked
from fiks.svarut.lifecycle.print_order import KILDE
from fiks.svarut.receipts.feed import Feed
from fiks.svarut.rules import Kanal, Mottakertype, Opphav
from fiks.svarut.sealed_content import Lenke
from fiks.svarut.signing.client import TIMEOUT as SIGNING_TIMEOUT
from fiks.svarut.signing.client import SigneringClient, UtenSignering
from fiks.svarut.signing.orders import Signeringsport
from fiks.utsending.brev import Brevtrykker
from fiks.utsending.letters.cover_sheet import draw_cover
from fiks.utsending.rows.address_protection import mask_row

NOTICE = "Du har fått brev fra {avsender}. Logg inn for å lese det."
FROM = "Brevet er fra {avsender}."
ANSWER = "Svar på brevet: {lenke}"
WRITTEN = "{avsender} har skrevet til dere i eDialog. Logg inn for å lese henvendelsen."
SENSITIVE = "Henvendelse i eDialog, krever innlogging på nivå 4"


def letter_link(brev: Brev) -> str:
    """Return the link to the letter for its receiver: its only file, or the page with all its files. No
    exposure setting hides it.
    """
    several = len(offered_files(brev.dokumenter)) > 1
    return f"{current().minside_base_url}/forsendelse/{brev.id}" + ("" if several else "/1")


def _notice(referanse: str, brev: Brev, text: str, extra: str, link_text: Callable[[Lenke], str]) -> Utgaende:
    """Return the message common to both digital channels; `extra` is the konto's own addition to `text` in
    that channel.
    """
    return Utgaende(
        referanse=referanse,
        mottaker=brev.mottaker.digital_id,
        avsender_orgnr=brev.avsender_orgnr,
        tittel=_title(brev),
        tekst="\n\n".join(filter(None, [text, extra, *map(link_text, brev.lenker), _answer(brev)])),
        lenke=letter_link(brev),
        sikkerhetsniva=brev.sikkerhetsniva,
        spraak=None,
        filnavn=None,
        dokument=None,
        taushetsbelagt=brev.taushetsbelagt and brev.mottakertype is Mottakertype.ORGANISASJON,
    )


def _title(brev: Brev) -> str:
    """Return the sender's title, which the sender knows to be visible; a fixed one for a sensitive letter
    from a citizen.
    """
    sensitive = brev.opphav is Opphav.EDIALOG and brev.sikkerhetsniva == Sikkerhetsniva.HOYESTE
    return SENSITIVE if sensitive else brev.tittel


def _link_text(link: Lenke) -> str:
    """Return a link as plain text: lead-in, link text, address."""
    return " ".join(filter(None, (link.ledetekst, f"{link.tekst}:", link.url)))


def _escaped_link(link: Lenke) -> str:
    """Return the same in Markdown."""
    return _link_text(Lenke(escape_address(link.url), escape_text(link.tekst), escape_text(link.ledetekst)))


def _end_of_night() -> datetime | None:
    """Return when people may be notified of a letter sent now, None for at once. Leaves no transaction open."""
    with transaction():
        now = clock.now()
    allowed = after_quiet_hours(now)
    return None if allowed == now else allowed


def _answer(brev: Brev) -> str:
    """Return the line with the link for replies, if the sender accepts replies (svarut.md 8.3)."""
    lenke = f"{current().minside_base_url}/edialog/svar/{brev.id}"
    return ANSWER.format(lenke=lenke) if brev.kan_svares else ""


class DpiPort:
    """Digital mailboxes: the file itself where the konto says so and the file is the whole letter, else a
    notice.

    No paper follows a letter in a mailbox, so nothing may be left out there. The protocol has no field for
    the name of a unit below the sender, nor for the konto's own text: both go into the message, or beside the
    file.
    """

    def __init__(self, client: DpiClient) -> None:
        self.client = client

    def send(self, referanse: str, brev: Brev) -> str:
        said = brev.oppsett
        name, orgnr = said.sdp_avsendernavn or brev.avsender_navn, said.sdp_orgnr or brev.avsender_orgnr
        notice = _notice(referanse, brev, NOTICE.format(avsender=name), said.sdp_ekstratekst, _link_text)
        letter = replace(notice, avsender_orgnr=orgnr, avsender_id=said.sdp_id)
        file = mailbox_file(brev) if brev.send_med_dokumenter else None
        if file is not None:
            beside = (
                FROM.format(avsender=name) if said.sdp_avsendernavn else "",
                said.sdp_ekstratekst,
                _answer(brev),
            )
            letter = replace(
                letter,
                filnavn=file.filnavn,
                dokument=read_checked(file),
                tekst="\n\n".join(filter(None, beside)),
            )
        return self.client.send(letter)

    def lookup(self, referanse: str) -> str | None:
        return self.client.lookup(referanse)


def _altinn_texts(brev: Brev) -> tuple[str, str]:
    """Return the message text and the addition in Markdown; the house writes all Markdown itself.

    The konto's own words apply to letters it sends, not to letters it receives.
    """
    if brev.opphav is Opphav.EDIALOG and brev.svar_sendes_til is not None:
        return WRITTEN.format(avsender=escape_text(brev.svar_sendes_til.navn)), ""
    own = escape_text(brev.altinn_tekst or "") or NOTICE.format(avsender=escape_text(brev.avsender_navn))
    return own, escape_text(brev.oppsett.altinn_ekstratekst)


class AltinnPort:
    """Altinn: always a message with the link."""

    def __init__(self, client: AltinnClient) -> None:
        self.client = client

    def send(self, referanse: str, brev: Brev) -> str:
        letter = _notice(referanse, brev, *_altinn_texts(brev), _escaped_link)
        notifies = brev.oppsett.altinn_varsel
        return self.client.send(
            replace(letter, varsle=notifies, varsle_fra=_end_of_night() if notifies else None)
        )

    def lookup(self, referanse: str) -> str | None:
        return self.client.lookup(referanse)


class Utskrift:
    """Paper: all documents in order, merged to one file, each starting on a new sheet.

    A letter from a fagsystem gets its cover sheet here; a mailing's cover sheet is drawn and approved with
    the mailing.
    """

    def __init__(self, printer: Callable[[], Brevtrykker], merger: Callable[[], Sammenfletter]) -> None:
        self._printer = printer
        self._merger = merger

    def print_file(self, brev: Brev) -> Trykksak:
        parts = [Utskriftsdokument(read_checked(d), tuple(d.giroark)) for d in brev.printed]
        if brev.opphav is not Opphav.UTSENDING:
            parts.insert(0, Utskriftsdokument(draw_cover(brev, self._printer())))
        merged = self._merger().merge(parts, tosidig=brev.tosidig)
        return Trykksak(merged.pdf, merged.sider, tuple(merged.giro_sider))


def read_seconds(settings: Settings) -> float:
    """Return the read timeout of a channel: a call must be over well before its outcome may be treated as
    nothing.
    """
    return min(TIMEOUT[1], settings.karantene_sekunder / 2)


def open_signing(settings: Settings) -> Signeringsport:
    """Return the signing service at the settings' address, or a stand-in when there is none."""
    if not settings.signering_url:
        return UtenSignering()
    return SigneringClient(settings.signering_url, (SIGNING_TIMEOUT[0], read_seconds(settings)))


def open_world(
    settings: Settings, printer: Callable[[], Brevtrykker], merger: Callable[[], Sammenfletter]
) -> tuple[Verden, dict[Kanal, Feed]]:
    """Build everything outside from the settings: the ports that delivery calls, and the receipt feeds.

    A channel without an address is in neither. `printer` returns the drawer of cover sheets and
    `merger` the merger of paper letters, each created when first asked for.
    """
    silence = read_seconds(settings)
    timeout = (min(TIMEOUT[0], silence), silence)
    ports: dict[Kanal, Kanalport] = {}
    feeds: dict[Kanal, Feed] = {}
    if settings.dpi_url:
        dpi = DpiClient(settings.dpi_url, timeout)
        ports[Kanal.DPI], feeds[Kanal.DPI] = DpiPort(dpi), dpi
    if settings.altinn_url:
        altinn = AltinnClient(settings.altinn_url, timeout)
        ports[Kanal.ALTINN], feeds[Kanal.ALTINN] = AltinnPort(altinn), altinn
    feeds[Kanal.PRINT] = Ordrefeed(KILDE)
    return Verden(Registers(open_register(settings)), ports, Utskrift(printer, merger), mask_row), feeds


def open_houses(settings: Settings) -> dict[str, Hus]:
    """Return the print houses at the settings' addresses, by code; a house without an address gets nothing
    handed over.
    """
    return {house.kode: open_house(house, settings) for house in settings.print_houses}


def open_house(house: Printhus, settings: Settings) -> PrintClient:
    """Return the client of one print house. A package may be large and its line slow, but the final rename is
    requested within the first half of the quarantine.

    The answers after that, at most `timeout` each, have the other half.
    """
    return PrintClient(
        house.url,
        key=Path(house.key) if house.key else None,
        certificate=Path(house.certificate).read_bytes() if house.certificate else None,
        timeout=min(TIMEOUT_SECONDS, read_seconds(settings)),
        longest=min(LONGEST_SECONDS, settings.karantene_sekunder / 2),
    )
