"""The rows of a list: properties and tax for receivers in the mix that the data's description gives."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from testmiljo.generator.kommune import KRR_VEKT, ORG_VEKT, Kommune, fordel
from testmiljo.generator.mottakere import Mottaker, Mottakere
from testmiljo.generator.numbers import luhn
from testmiljo.generator.words import ADJ, SUBST, UTLAND

Rad = dict[str, Any]
Radpar = tuple[Rad, Mottaker]
MIX = 240
ORE = Decimal("0.01")


class Fabrikk(Mottakere):
    """Draws a whole list for one kommune: receivers, unique properties, and rows with typed values."""

    def __init__(self, kommune: Kommune, seed: int) -> None:
        super().__init__(kommune, seed)
        self._eiendommer: set[tuple[int, int, int | None, int | None]] = set()
        self._lopenr = 0
        self.maks_gnr = 180

    def rad(self, m: Mottaker, *, medeiere: str = "", takst: int | None = None) -> Rad:
        """One list row. Tax = (takst * 0.7 - bunnfradrag) * promille / 1000, in whole kroner."""
        gnr, bnr, festenr, seksjonsnr = self._eiendom()
        eiendomstype, boenheter, takst = self._bygning(m, takst)
        invoice = self._faktura(skatt_aar(takst, self.k.bunnfradrag * boenheter, self.k.promille))
        return dict(
            fnr=m.id if m.type == "PERSON" else "",
            orgnr=m.id if m.type == "ORGANISASJON" else "",
            navn=m.navn,
            **m.adresse,
            gnr=gnr,
            bnr=bnr,
            festenr=festenr,
            seksjonsnr=seksjonsnr,
            eiendomsadresse=self.gate(),
            eiendomstype=eiendomstype,
            medeiere=medeiere,
            takst=takst,
            bunnfradrag=self.k.bunnfradrag * boenheter,
            boenheter=boenheter,
            reduksjonsfaktor=Decimal("0.7"),
            skattesats_promille=self.k.promille,
            skatteaar=self.k.skatteaar,
            **invoice,
            konteringskode=self.k.konteringskode,
            malform=m.malform,
            eksternref=f"{self.k.ref}-{self.k.skatteaar}-{self._lopenr:06}",
        )

    def _eiendom(self) -> tuple[int, int, int | None, int | None]:
        """gnr, bnr, festenr and seksjonsnr of a property no other row has."""
        r = self.rng
        while True:
            seksjonsnr = r.randint(1, 60) if r.random() < 0.12 else None
            gnr, bnr = r.randint(1, self.maks_gnr), r.randint(1, 900)
            eiendom = (gnr, bnr, r.randint(1, 25) if r.random() < 0.05 else None, seksjonsnr)
            if eiendom not in self._eiendommer:
                self._eiendommer.add(eiendom)
                return eiendom

    def _bygning(self, m: Mottaker, takst: int | None) -> tuple[str, int, int]:
        """Kind of property, number of homes, and its value: the given one or one drawn."""
        r = self.rng
        kind, homes = r.choices([("bolig", 1), ("bolig", 2), ("fritidsbolig", 1)], [70, 6, 24])[0]
        if "BORETTSLAG" in m.navn or "SAMEIE" in m.navn.upper():
            kind, homes = "bolig", r.randint(4, 40)
        most, usual = (9_000_000, 2_800_000) if kind == "bolig" else (4_500_000, 1_500_000)
        drawn = int(r.triangular(900_000, most, usual) * homes**0.9)
        value = takst or drawn
        return kind, homes, value if r.random() < 0.5 else round(value, -4)

    def _faktura(self, skatt: int) -> Rad:
        """The year's tax in terms, with KID and due dates."""
        k = self.k
        terminer = 0 if skatt == 0 else 1 if skatt < k.en_termin_under else k.terminer
        termin = (Decimal(skatt) / terminer).quantize(ORE, ROUND_DOWN) if terminer else Decimal("0.00")
        self._lopenr += 1
        base = f"{k.skatteaar}{self._lopenr:07}{k.nr[2:]}"
        return dict(
            skatt_aar=Decimal(skatt),
            terminer=terminer,
            belop_termin=termin,
            belop_siste_termin=Decimal(skatt) - termin * max(terminer - 1, 0),
            kid=base + luhn(base) if terminer else "",
            kontonummer=k.kontonummer,
            **{f"forfall{i + 1}": k.forfall[i] if i < terminer else None for i in range(4)},
        )

    def liste(self, n: int) -> list[Radpar]:
        """n rows in random order; at n = 240 the mix is exactly the one the data's description gives."""
        self.maks_gnr = max(180, n // 400)  # room for unique properties
        n_org, n_uten = _andel(n, 28), _andel(n, 8)
        several = [2] * _andel(n, 6) + [3] * _andel(n, 3) + [5] * _andel(n, 1)
        org_several = [2] * _andel(n, 4)
        n_person = n - n_org - n_uten - sum(extra - 1 for extra in several + org_several)
        persons, ordinary = self._personer(n, n_person)
        pairs = ordinary[: 2 * _andel(n, 6)]
        medeier = _ektepar(pairs)
        organisations = [self.org(klasse) for klasse in fordel(n_org, ORG_VEKT)]
        for m, antall in zip(ordinary[len(pairs) :], several, strict=False):
            m.rader = antall
        for m, antall in zip(organisations[::3], org_several, strict=False):
            m.rader = antall
        rader: list[Radpar] = []
        for i, person in enumerate(persons):
            rader += self._rader_til(person, medeier.get(person.id, ""), two_more=i % 40 == 9)
        rader += [(self.rad(o), o) for o in organisations for _ in range(o.rader)]
        without = [self.uten_id(UTLAND[5] if j == n_uten - 1 else None) for j in range(n_uten)]
        small = _andel(n, 2)
        rader += [(self.rad(u, takst=610_000 if i < small else None), u) for i, u in enumerate(without)]
        self.rng.shuffle(rader)
        return rader

    def _rader_til(self, person: Mottaker, medeiere: str, *, two_more: bool) -> list[Radpar]:
        """The rows of a person; with `two_more`, two strangers own with one who has no co-owner."""
        r = self.rng
        if not medeiere and two_more:
            medeiere = f"{r.choice(ADJ)} {r.choice(SUBST)}; {r.choice(ADJ)} {r.choice(SUBST)}"
        return [(self.rad(person, medeiere=medeiere), person) for _ in range(person.rader)]

    def _personer(self, n: int, antall: int) -> tuple[list[Mottaker], list[Mottaker]]:
        """All persons of the list, and those of them that nothing special is said about."""
        klasser = fordel(antall, KRR_VEKT)
        self.rng.shuffle(klasser)
        special = self._saertilfeller(n, klasser)
        persons = [self.person(klasse, **own) for klasse, own in zip(klasser, special, strict=True)]
        return persons, [person for person, own in zip(persons, special, strict=True) if not own]

    def _saertilfeller(self, n: int, klasser: list[str]) -> list[dict[str, Any]]:
        """What is special about each person: dead, protected, D-number, abroad; mostly nothing."""
        special: list[dict[str, Any]] = [{} for _ in klasser]

        def choose(antall: int, allowed: tuple[str, ...], **what: Any) -> None:
            free = [i for i, klasse in enumerate(klasser) if klasse in allowed and not special[i]]
            for i in sorted(self.rng.sample(free, antall)):
                special[i] = dict(what)

        choose(_andel(n, 3), ("IKKE_REGISTRERT",), status="doed")
        for klasse in ("DIGIPOST", "EBOKS", "ALTINN_LESER"):
            choose(_andel(n, 1), (klasse,), gradering="strengtFortrolig")
        choose(_andel(n, 3), ("DIGIPOST", "RESERVERT", "ALTINN_LESER"), gradering="fortrolig")
        choose(_andel(n, 3), ("DIGIPOST", "IKKE_REGISTRERT", "ALTINN_ALDRI"), dnr=True)
        abroad = ("DIGIPOST", "ALTINN_LESER", "IKKE_REGISTRERT", "IKKE_REGISTRERT", "PASSIV")
        for i, klasse in enumerate(abroad):
            choose(_andel(n, 1), (klasse,), utland=UTLAND[i], status="utflyttet")
        return special


def _andel(n: int, av_240: int) -> int:
    """How many of n rows, where 240 rows have `av_240`; at least one."""
    return max(1, round(n * av_240 / MIX))


def _ektepar(pairs: list[Mottaker]) -> dict[str, str]:
    """Make couples of them two and two: one address, each the other's co-owner (fnr to name)."""
    medeier: dict[str, str] = {}
    for a, b in zip(pairs[::2], pairs[1::2], strict=False):
        b.adresse = dict(a.adresse)
        b.register["folkeregister"]["bostedsadresse"] = a.register["folkeregister"]["bostedsadresse"]
        medeier |= {a.id: b.navn, b.id: a.navn}
    return medeier


def skatt_aar(takst: int, bunnfradrag: int, promille: Decimal) -> int:
    """The year's tax in whole kroner."""
    grunnlag = max(Decimal(0), takst * Decimal("0.7") - bunnfradrag)
    return int((grunnlag * promille / 1000).quantize(Decimal(1), ROUND_HALF_UP))
