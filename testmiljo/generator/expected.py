"""What must become of every letter of a made list, by scenario, and the register file that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from testmiljo.generator.mottakere import Mottaker, Mottakere
from testmiljo.generator.rows import Radpar
from testmiljo.generator.words import EUROPA, NORGE, POST

System = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """How the konto and the mailing are set."""

    sdpAktiv: bool = True
    automatiskEttersendingForVirksomheter: bool = False
    kunDigitalLevering: bool = False


SCENARIER = {
    "standard": Scenario(),
    "uten_sdp": Scenario(sdpAktiv=False),
    "ettersending_virksomheter": Scenario(automatiskEttersendingForVirksomheter=True),
    "kun_digital": Scenario(kunDigitalLevering=True),
}


@dataclass(frozen=True)
class Utfall:
    """First channel, first and last status, and the rule of svarut.md 2.3."""

    kanal: str
    forsteStatus: str
    sluttStatus: str
    regel: str


def kanal(m: Mottaker, systemer: list[System], s: Scenario) -> Utfall:
    """The rules of svarut.md 2.3 for a letter without forsendelsestype, level BETYDELIG."""
    if m.type == "INGEN":
        rejected = Utfall("INGEN", "AVVIST", "AVVIST", "kunDigital uten digitalId")
        return rejected if s.kunDigitalLevering else _papir(s, "5")
    reads = m.register["altinn"]["lesing"] == "INNEN_1_TIME"
    if m.type == "ORGANISASJON":
        return _virksomhet(m, systemer, s, reads)
    krr = m.register["krr"]
    if krr["status"] != "AKTIV" or krr["reservert"] or krr["passiv"]:
        return _papir(s, "3")
    if krr["postkasse"] and s.sdpAktiv:
        return Utfall("DPI", "SENDT_SDP", "LEVERT_SDP", "2a")
    unread = "SENDT_DIGITALT" if s.kunDigitalLevering else "PRINTET"
    return Utfall("ALTINN", "VARSLET", "LEST" if reads else unread, "2b")


def _papir(s: Scenario, regel: str) -> Utfall:
    if s.kunDigitalLevering:
        return Utfall("INGEN", "IKKE_LEVERT", "IKKE_LEVERT", regel)
    return Utfall("PRINT", "SENDT_PRINT", "PRINTET", regel)


def _virksomhet(m: Mottaker, systemer: list[System], s: Scenario, reads: bool) -> Utfall:
    if any(_tar_imot(system, m.id) for system in systemer):
        return Utfall("SVARINN", "KLAR_FOR_MOTTAK", "LEST", "1")
    if m.register["enhetsregisteret"]["status"] == "SLETTET":
        return _papir(s, "5 (slettet)")
    paper = s.automatiskEttersendingForVirksomheter and not s.kunDigitalLevering
    return Utfall("ALTINN", "VARSLET", "LEST" if reads else "PRINTET" if paper else "SENDT_DIGITALT", "4")


def _tar_imot(system: System, orgnr: str) -> bool:
    """Whether a receiving system takes ordinary letters for the organisation."""
    return system["aktiv"] and any(
        link["organisasjonsnummer"] == orgnr
        and not link["forsendelsestyper"]
        and link["sikkerhetsniva"] != "HOYESTE"
        for link in system["koblinger"]
    )


def tell(verdier: Iterable[str]) -> dict[str, int]:
    """How many there are of each, by name."""
    antall: dict[str, int] = {}
    for verdi in verdier:
        antall[verdi] = antall.get(verdi, 0) + 1
    return dict(sorted(antall.items()))


def sone(land: str) -> str:
    """The postage zone of a country as the list writes it."""
    name = land.strip().lower()
    return "NORGE" if name in NORGE else "EUROPA" if name in EUROPA else "VERDEN"


def forventet(f: Mottakere, rader: list[Radpar]) -> dict[str, Any]:
    """Expected outcome per row (standard scenario; header is row 1) and totals per scenario."""
    systems = {link["organisasjonsnummer"]: [s] for s in f.mottakersystemer for link in s["koblinger"]}
    outcomes = {navn: [kanal(m, systems.get(m.id, []), s) for _, m in rader] for navn, s in SCENARIER.items()}
    totalt: dict[str, dict[str, Any]] = {
        navn: dict(
            konto=asdict(SCENARIER[navn]),
            kanal=tell(u.kanal for u in utfall),
            forsteStatus=tell(u.forsteStatus for u in utfall),
            sluttStatus=tell(u.sluttStatus for u in utfall),
        )
        for navn, utfall in outcomes.items()
    }
    standard = list(zip(rader, outcomes["standard"], strict=True))
    on_paper = [rad for (rad, _), u in standard if u.sluttStatus == "PRINTET"]
    totalt["standard"]["portosonePapir"] = tell(sone(str(rad["land"])) for rad in on_paper)
    rows = [
        dict(rad=nr, eksternref=rad["eksternref"], mottakertype=m.type, **asdict(u))
        for nr, ((rad, m), u) in enumerate(standard, 2)
    ]
    return dict(antall=len(rader), totalt=totalt, rader=rows)


def register(f: Mottakere, filer: dict[str, Any]) -> dict[str, Any]:
    """The content of register.json: the kommune, everybody in its list, and what is expected of the letters."""
    k = f.k
    return dict(
        kommune=dict(
            navn=k.navn,
            kommunenr=k.nr,
            orgnr=k.orgnr,
            kontonummer=k.kontonummer,
            adresselinje1=k.postadresse[0],
            postnr=k.postadresse[1],
            poststed=POST[k.postadresse[1]],
        ),
        forutsetninger=dict(
            referansedato=str(k.brevdato),
            forsendelsestype=None,
            sikkerhetsniva="BETYDELIG",
            lesefristTimer=40,
            sendMedDokumenter=True,
            printleverandor="GRAFISK_DIGITAL",
        ),
        personer=f.personer,
        organisasjoner=f.organisasjoner,
        mottakersystemer=f.mottakersystemer,
        forventet=filer,
    )
