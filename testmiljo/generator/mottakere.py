"""Receivers drawn at random: names, addresses, and what the simulated registers say about each."""

from __future__ import annotations

import random
import re
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from testmiljo.generator.kommune import Kommune
from testmiljo.generator.numbers import lag_fnr, lag_orgnr
from testmiljo.generator.words import ADJ, APOSTROF, FORETAK, LANGE, ORGFORM, POST, SAMISK, SUBST, VEI

Adresse = dict[str, str]


@dataclass
class Mottaker:
    """One receiver. `type`: PERSON, ORGANISASJON or INGEN; `id`: fnr, orgnr or empty; `navn` as the list has it."""

    type: str
    id: str
    navn: str
    adresse: Adresse
    register: dict[str, Any] = field(default_factory=dict)
    malform: str = "nb"
    rader: int = 1


def tittel(navn: str) -> str:
    """The name with a capital letter in each word, as people write it."""
    return re.sub(r"[^\W\d_]+", lambda m: m[0][0] + m[0][1:].lower(), navn)


def _postadresse(linje: str, postnr: str, poststed: str, land: str = "") -> Adresse:
    return dict(
        adresselinje1=linje, adresselinje2="", adresselinje3="", postnr=postnr, poststed=poststed, land=land
    )


def _uten_land(adresse: Adresse) -> Adresse:
    return {navn: verdi for navn, verdi in adresse.items() if verdi and navn != "land"}


class Mottakere:
    """Draws unique receivers for one kommune and keeps the simulated registers. Same seed, same receivers."""

    def __init__(self, kommune: Kommune, seed: int) -> None:
        self.k, self.rng = kommune, random.Random(f"{kommune.slug}-{seed}")
        self.personer: dict[str, dict[str, Any]] = {}
        self.organisasjoner: dict[str, dict[str, Any]] = {}
        self.mottakersystemer: list[dict[str, Any]] = []
        self._navnnr = 0

    def gate(self) -> str:
        r = self.rng
        street, kind, number = r.choice(SUBST).capitalize(), r.choice(VEI), r.randint(1, 140)
        return f"{street}{kind} {number}{r.choice(['', '', '', ' A', ' B', 'C'])}"

    def adresse(self, postnr: str | None = None) -> Adresse:
        """A Norwegian address, mostly within the kommune; some with c/o, box or farm."""
        r = self.rng
        postnr = postnr or (r.choice(self.k.lokale) if r.random() < 0.7 else r.choice(list(POST)))
        linje1, linje2, t = self.gate(), "", r.random()
        if t < 0.06:
            linje1, linje2 = f"c/o {r.choice(ADJ).capitalize()} {r.choice(SUBST).capitalize()}", linje1
        elif t < 0.12:
            linje1 = f"Postboks {r.randint(1, 999)}"
        elif t < 0.16:
            linje1 = f"{r.choice(SUBST).capitalize()}garden"
        land = r.choice(["", "", "", "", "", "Norge", "NORGE", "NO"])
        return _postadresse(linje1, postnr, POST[postnr], land) | {"adresselinje2": linje2}

    def navn(self) -> tuple[str, str, str]:
        """First, middle and last name. Every 67th very long, 29th with apostrophe, 17th Sámi, 11th with hyphen."""
        r, i = self.rng, self._navnnr
        self._navnnr += 1
        if i % 67 == 13:
            return LANGE[i // 67 % len(LANGE)]
        if i % 29 == 5:
            return APOSTROF[i // 29 % len(APOSTROF)]
        if i % 17 == 3:
            first, last = SAMISK[i // 17 % len(SAMISK)]
            return first, "", last
        first, middle, last = r.choice(ADJ), r.choice(SUBST) if r.random() < 0.2 else "", r.choice(SUBST)
        if i % 11 == 7:
            first, last = f"{first}-{r.choice(ADJ)}", f"{last}-{r.choice(SUBST)}"
        return first, middle, last

    def person(
        self,
        klasse: str,
        *,
        dnr: bool = False,
        null: bool | None = None,
        status: str = "bosatt",
        gradering: str = "ugradert",
        utland: tuple[str, ...] | None = None,
    ) -> Mottaker:
        """A person of one of KRR_VEKT's classes; `null` True: a number that begins with 0."""
        r = self.rng
        while (fnr := lag_fnr(r, dnr, null)) in self.personer:
            pass
        names = self.navn()
        navn = " ".join(part for part in names if part)
        adresse = self.adresse()
        if gradering == "strengtFortrolig":
            adresse = _postadresse(f"Postboks {r.randint(1000, 9000)} Sentrum", "0107", "OSLO")
        if utland:
            adresse = _postadresse(*utland[:4])
        malform = "nn" if r.random() < 0.25 else "nb"
        krr = self._krr(klasse, malform)
        folk = self._folk(names, adresse, status, gradering, abroad=utland is not None)
        number = len(self.personer) + 1
        if krr["status"] == "AKTIV":
            krr["epost"] = f"p{number:05}@example.com"
            krr["mobil"] = "+4799999999" if r.random() < 0.8 else None
        digital = klasse == "ALTINN_LESER" or (
            krr["postkasse"] and not krr["passiv"] and "RESERVERT" not in klasse
        )
        self.personer[fnr] = dict(
            folkeregister=folk, krr=krr, altinn=dict(lesing="INNEN_1_TIME" if digital else "ALDRI")
        )
        shown = tittel(navn) if self._navnnr % 3 == 0 else navn
        return Mottaker("PERSON", fnr, shown, adresse, self.personer[fnr], malform)

    def _krr(self, klasse: str, malform: str) -> dict[str, Any]:
        """What KRR says about a person of this class; e-mail and phone come later."""
        r, active, passive = self.rng, klasse != "IKKE_REGISTRERT", klasse.startswith("PASSIV")
        begin, days = (date(2024, 2, 1), 300) if passive else (date(2026, 1, 5), 290)
        confirmed = begin + timedelta(days=r.randrange(days))
        box = {"DIGIPOST": "DIGIPOST", "EBOKS": "EBOKS"}.get(klasse) or (
            r.choice(["DIGIPOST", "EBOKS"]) if klasse.endswith("POSTKASSE") else None
        )
        return dict(
            status="AKTIV" if active else "IKKE_REGISTRERT",
            reservert=klasse.startswith("RESERVERT"),
            passiv=passive,
            postkasse=box,
            epost=None,
            mobil=None,
            sistBekreftet=str(confirmed) if active else None,
            spraak=malform if active else None,
        )

    def _folk(
        self, names: tuple[str, str, str], adresse: Adresse, status: str, gradering: str, *, abroad: bool
    ) -> dict[str, Any]:
        """What Folkeregisteret says about a person."""
        r = self.rng
        folk: dict[str, Any] = dict(
            navn=dict(fornavn=names[0], mellomnavn=names[1] or None, etternavn=names[2]),
            status=status,
            doedsdato=None,
            adressebeskyttelse=gradering,
            bostedsadresse=None,
            postadresse=None,
            postadresseIUtlandet=None,
            kontaktinformasjonForDoedsbo=None,
        )
        kind = "postadresseIUtlandet" if abroad else "bostedsadresse"
        if gradering == "strengtFortrolig":
            kind = "postadresse"
        folk[kind] = _uten_land(adresse) | ({"land": adresse["land"]} if abroad else {})
        if status == "doed":
            folk["doedsdato"] = str(date(2026, 7, 1) + timedelta(days=r.randrange(120)))
            folk["kontaktinformasjonForDoedsbo"] = dict(
                kontaktperson=f"{r.choice(ADJ)} {r.choice(SUBST)}",
                adresselinje1=self.gate(),
                postnr=adresse["postnr"],
                poststed=adresse["poststed"],
            )
        return folk

    def org(self, klasse: str) -> Mottaker:
        """An organisation of one of ORG_VEKT's classes."""
        r = self.rng
        while (nr := lag_orgnr(r)) in self.organisasjoner or nr == self.k.orgnr:
            pass
        form = r.choices([f for f, _ in FORETAK], [v for _, v in FORETAK])[0]
        navn = f"{r.choice(ADJ)} {r.choice(SUBST)} {form}"
        if len(self.organisasjoner) % 19 == 4:
            first = f"{r.choice(ADJ)}, {r.choice(SUBST)} & {r.choice(SUBST)}"
            navn = f"{first} UTLEIEBOLIGER OG HYTTEFORVALTNING {r.choice(SAMISK)[1]} AS"
            form = "AS"
        adresse = self.adresse()
        above = next(iter(self.organisasjoner)) if len(self.organisasjoner) % 13 == 1 else None
        self.organisasjoner[nr] = dict(
            enhetsregisteret=dict(
                status="SLETTET" if klasse == "SLETTET" else "FUNNET",
                navn=navn,
                organisasjonsform="BEDR" if above else ORGFORM[form],
                **({"overordnetEnhet": above} if above else {}),
                slettedato="2026-09-30" if klasse == "SLETTET" else None,
                forretningsadresse=_uten_land(adresse),
            ),
            svarinn=[],
            altinn=dict(lesing="INNEN_1_TIME" if klasse in ("ALTINN_LESER", "SVARINN_ALLE") else "ALDRI"),
        )
        if klasse.startswith("SVARINN"):
            self._mottakersystem(nr, navn, klasse)
        malform = "nn" if r.random() < 0.2 else "nb"
        return Mottaker("ORGANISASJON", nr, navn, adresse, self.organisasjoner[nr], malform)

    def _mottakersystem(self, nr: str, navn: str, klasse: str) -> None:
        system_id = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        self.organisasjoner[nr]["svarinn"].append(system_id)
        link = dict(
            organisasjonsnummer=nr,
            forsendelsestyper=["ks.byggesøknad"] if klasse == "SVARINN_TYPE" else [],
            sikkerhetsniva="HOYESTE" if klasse == "SVARINN_HOYESTE" else "ALLE",
        )
        self.mottakersystemer.append(
            dict(
                mottakersystemId=system_id,
                navn=f"Postmottak {navn.split()[1].capitalize()}",
                aktiv=klasse != "SVARINN_INAKTIV",
                koblinger=[link],
            )
        )

    def uten_id(self, utland: tuple[str, ...] | None = None) -> Mottaker:
        """A receiver without a number: an estate, a sameie, or with `utland` a foreigner."""
        r = self.rng
        navn = r.choice(
            [
                f"Dødsboet etter {r.choice(ADJ).capitalize()} {r.choice(SUBST).capitalize()}",
                f"Sameiet «{r.choice(SUBST).capitalize()}»",
            ]
        )
        adresse = self.adresse()
        if utland:
            navn = f"{r.choice(ADJ)} {r.choice(SUBST)}"
            adresse = _postadresse(*utland[:4])
        return Mottaker("INGEN", "", navn, adresse)
