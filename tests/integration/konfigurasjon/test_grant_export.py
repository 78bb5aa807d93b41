"""All grants as rows for a file: what stands in them, who gets which, and that it is audited."""

from __future__ import annotations

import pytest

from fiks.core.errors import IkkeTilgang, Konflikt
from fiks.konfigurasjon.rules import Innehavertype, P
from fiks.konfigurasjon.service import register_person
from fiks.konfigurasjon.tilgang import service
from fiks.konfigurasjon.tilgang.export import export_grants
from tests.integration.houses import HOUSE, make_aktor, make_hus, make_person, new_fnr
from tests.integration.konfigurasjon.holders import (
    acts,
    admin_of,
    alone,
    gruppe,
    integrasjon,
    last_act,
    make_gruppe,
    make_integrasjon,
    move_grant,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_every_grant_stands_there_with_its_path_and_a_masked_number() -> None:
    hus, fnr = alone(make_hus()), new_fnr()
    admin = admin_of(hus)
    holder = register_person(fnr, navn="Kari Fjellstad", actor=HOUSE)
    service.grant_privilegium(holder, P.SENDE, hus.konto_id, actor=admin)
    group, machine = make_gruppe(hus, navn="Skatt"), make_integrasjon(hus.organisasjon_id)
    for innehaver in (gruppe(group), integrasjon(machine)):
        service.grant(hus.konto_id, innehaver=innehaver, privilegier=[P.LESE], actor=admin)
    rows = export_grants(hus.organisasjon_id, actor=admin)
    assert [(r.innehaver, r.innehavertype, r.privilegium) for r in rows] == [
        ("Anne Admin", Innehavertype.PERSON, P.ADMIN),
        ("Fagsystem", Innehavertype.INTEGRASJON, P.LESE),
        ("Kari Fjellstad", Innehavertype.PERSON, P.SENDE),
        ("Skatt", Innehavertype.GRUPPE, P.LESE),
    ]
    kari = rows[2]
    assert kari.sti == ("Lillevik kommune", "SvarUt", "Eiendomsskatt")
    assert (kari.fnr_maskert, kari.gitt_av) == (f"{fnr[:6]}*****", "Anne Admin")
    assert rows[0].gitt_av is None
    assert fnr not in repr(rows)
    audited = last_act(hus.organisasjon_id, "DATA_EKSPORTERT")
    assert (audited.objekt_type, audited.detaljer) == ("tilganger", {"antall": 4})


def test_what_is_over_is_left_out() -> None:
    hus = alone(make_hus())
    admin = admin_of(hus)
    over = service.grant_privilegium(make_person(), P.SENDE, hus.konto_id, actor=HOUSE)
    move_grant(over, gyldig_fra=-60, gyldig_til=-1)
    assert [r.innehaver for r in export_grants(hus.organisasjon_id, actor=admin)] == ["Anne Admin"]


def test_an_administrator_of_a_konto_gets_the_grants_of_it_alone() -> None:
    hus = make_hus()
    of_konto = make_aktor(make_person(P.ADMIN, ressurs=hus.konto_id, navn="Kai"), hus.organisasjon_id)
    assert [r.innehaver for r in export_grants(hus.organisasjon_id, actor=of_konto)] == ["Kai"]


def test_who_sees_no_grants_gets_none_and_nothing_is_audited() -> None:
    hus, other = make_hus(), make_hus("Fjordvik kommune")
    sender = make_aktor(make_person(P.SENDE, ressurs=hus.konto_id), hus.organisasjon_id)
    for stranger in (sender, admin_of(other)):
        with pytest.raises(IkkeTilgang):
            export_grants(hus.organisasjon_id, actor=stranger)
    assert "DATA_EKSPORTERT" not in acts(hus.organisasjon_id)


def test_more_than_one_file_holds_is_refused_and_not_audited() -> None:
    hus = make_hus()
    admin = admin_of(hus)
    with pytest.raises(Konflikt, match="EKSPORT_FOR_MANGE"):
        export_grants(hus.organisasjon_id, actor=admin, limit=1)
    assert "DATA_EKSPORTERT" not in acts(hus.organisasjon_id)
