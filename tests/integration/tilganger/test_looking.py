"""The pages that only show: the tree, the matrix, and what each visitor may see of them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.audit import Audit
from fiks.core.clock import database_now
from fiks.core.db import session, transaction
from fiks.konfigurasjon import service as konfigurasjon
from fiks.konfigurasjon.gjennomgang import service as gjennomgang_service
from fiks.konfigurasjon.models import Tilgang
from fiks.konfigurasjon.rules import P
from fiks.konfigurasjon.tilgang import matrix, person_page, queries, service
from tests.integration.houses import HOUSE, Hus, make_hus, make_person
from tests.integration.konfigurasjon.holders import grants_of, integrasjon, make_integrasjon
from tests.integration.tilganger.visits import Besok, age, box, form_of, ressurs_page
from tests.integration.utsending.browser import text_of


def test_the_old_address_leads_to_the_new_page(admin: Besok) -> None:
    answer = admin.get("/privilegier")
    assert (answer.status_code, answer.location) == (301, "/tilganger")


def test_the_front_page_shows_the_tree_with_the_number_of_grants_on_each(admin: Besok, hus: Hus) -> None:
    make_person(P.SENDE, P.LESE, ressurs=hus.konto_id)
    page = admin.read("/tilganger")
    assert "Eiendomsskatt Konto 2" in text_of(page)
    assert f'href="{ressurs_page(hus.konto_id)}"' in page
    assert 'aria-current="page">Ressurser' in page
    assert "gjennomgang" not in text_of(page)


def test_who_administers_one_konto_sees_that_konto_and_nothing_above_it(app: Flask, hus: Hus) -> None:
    visitor = Besok(app, hus, P.ADMIN, ressurs=hus.konto_id)
    page = visitor.read("/tilganger")
    assert "Eiendomsskatt" in page
    assert f'href="{ressurs_page(hus.organisasjon_id)}"' not in page
    assert 'href="/tilganger"' in page, "the menu leads there"
    assert visitor.get(ressurs_page(hus.organisasjon_id)).status_code == 404
    konto = visitor.read(ressurs_page(hus.konto_id))
    assert "Arvet fra Lillevik kommune" in text_of(konto)
    assert f'href="{ressurs_page(hus.organisasjon_id)}"' not in konto


def test_an_open_review_and_unused_grants_are_told_on_the_front_page(admin: Besok, hus: Hus) -> None:
    idle = make_person(P.SENDE, ressurs=hus.konto_id, navn="Stille Stian")
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nye Nina")
    age(idle, days=91)
    gjennomgang_service.start_review(hus.organisasjon_id, actor=HOUSE)
    page = text_of(admin.read("/tilganger"))
    assert "1 tilgang er ikke brukt på 90 dager" in page
    assert "Hver tilgang skal beholdes eller fjernes innen" in page
    listed = admin.read("/tilganger/personer?ubrukt=ja")
    assert "Stille Stian" in listed
    assert "Nye Nina" not in listed
    assert "ikke brukt på 90 dager" in admin.read(ressurs_page(hus.konto_id))
    assert "Ikke på 90 dager" in admin.read(f"/tilganger/personer/{idle}")


def test_who_may_only_read_sees_the_matrix_without_a_box_or_a_button(app: Flask, hus: Hus) -> None:
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nils Sender")
    page = Besok(app, hus, P.ORG_LES).read(ressurs_page(hus.konto_id))
    assert "Nils Sender" in page
    assert 'type="checkbox"' not in page
    assert "Lagre endringer" not in page
    assert "Gi tilgang" not in page


def test_who_holds_only_other_things_gets_a_page_that_says_whom_to_ask(app: Flask, hus: Hus) -> None:
    answer = Besok(app, hus, P.SENDE, ressurs=hus.konto_id).get("/tilganger")
    assert answer.status_code == 403
    assert "Be administrator i kommunen om tilgang" in answer.text


def test_s17_11_the_matrix_tells_what_is_inherited_and_from_where_and_has_no_box_for_it(
    admin: Besok, hus: Hus
) -> None:
    page = admin.read(ressurs_page(hus.konto_id))
    assert f'Arvet fra <a class="ds-link" href="{ressurs_page(hus.organisasjon_id)}">' in page
    assert f'name="{box(admin.id, P.SENDE)}"' not in page
    assert f'name="{box(admin.id, P.SE_SPERRET)}"' in page, "the restricted lane is not inherited"


def test_a_box_is_named_by_privilege_and_holder_and_a_column_says_what_it_means(
    admin: Besok, hus: Hus
) -> None:
    make_person(P.SENDE, ressurs=hus.konto_id, navn="Nils Sender")
    page = admin.read(ressurs_page(hus.konto_id))
    assert 'aria-label="Lage utsendinger – Nils Sender" checked' in page
    assert "Lage utsendinger Klargjøre, sende til godkjenning og frigi" in text_of(page)


def test_a_machine_is_shown_but_changed_elsewhere(admin: Besok, hus: Hus) -> None:
    machine = make_integrasjon(hus.organisasjon_id)
    service.grant(hus.konto_id, innehaver=integrasjon(machine), privilegier=[P.SENDE], actor=HOUSE)
    page = admin.read(ressurs_page(hus.konto_id))
    assert "Fagsystem" in page
    assert box(machine, P.SENDE, "INTEGRASJON") not in page
    forged = form_of(page) | {f"rad.INTEGRASJON.{machine}": "", box(machine, P.LESE, "INTEGRASJON"): "ja"}
    assert admin.send_as(page, ressurs_page(hus.konto_id), forged, "/").status_code == 404
    assert len(acts_of(machine)) == 1


def test_s17_03_an_administrator_of_a_konto_reaches_neither_what_is_above_nor_a_sibling(
    app: Flask, hus: Hus
) -> None:
    sibling = konfigurasjon.create_konto(
        hus.organisasjon_id, visningsnavn="Avgifter", avsender=f"a-{uuid4()}", actor=HOUSE
    )
    someone = make_person(P.SENDE, ressurs=sibling)
    [grant] = grants_of(someone)
    visitor = Besok(app, hus, P.ADMIN, ressurs=hus.konto_id)
    for path in (
        ressurs_page(sibling),
        f"{ressurs_page(sibling)}/ny",
        f"{ressurs_page(hus.organisasjon_id)}/ny",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/personer/{someone}",
    ):
        assert visitor.get(path).status_code == 404, path
    assert visitor.get(f"/tilganger/personer/{visitor.id}/sluttet").status_code in (403, 404)


def test_a_grant_and_a_ressurs_of_another_organisation_do_not_exist_while_one_works_here(
    app: Flask, admin: Besok, hus: Hus
) -> None:
    """Also for somebody who is administrator of both."""
    other = make_hus("Fjordvik kommune")
    konfigurasjon.grant_privilegium(admin.id, P.ADMIN, other.organisasjon_id, actor=HOUSE)
    theirs = make_person(P.LESE, ressurs=other.konto_id)
    [grant] = grants_of(theirs)
    for path in (
        ressurs_page(other.konto_id),
        f"{ressurs_page(other.konto_id)}/ny",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/{grant.id}/slutt",
        f"/tilganger/personer/{theirs}",
    ):
        assert admin.get(path).status_code == 404, path


def test_looking_writes_nothing_in_the_audit(admin: Besok, hus: Hus) -> None:
    kari = make_person(P.LESE, ressurs=hus.konto_id)
    [grant] = grants_of(kari)
    newest = select(func.max(Audit.id))
    before = session().execute(newest).scalar_one()
    for path in (
        "/tilganger",
        ressurs_page(hus.konto_id),
        f"{ressurs_page(hus.konto_id)}/ny",
        "/tilganger/personer",
        f"/tilganger/personer/{kari}",
        f"/tilganger/personer/{kari}/sluttet",
        f"/tilganger/{grant.id}/fjern",
        f"/tilganger/{grant.id}/slutt",
    ):
        admin.read(path)
    session().rollback()
    assert session().execute(newest).scalar_one() == before


def test_more_holders_than_are_shown_are_told_about(
    admin: Besok, hus: Hus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fiks.konfigurasjon.tilgang.matrix.HOLDERS", 2)
    for n in range(3):
        make_person(P.LESE, ressurs=hus.konto_id, navn=f"Person {n}")
    page = text_of(admin.read(ressurs_page(hus.konto_id)))
    assert "Det er flere enn vi viser her" in page
    assert "Person 2" not in page
    assert "Person 2" in admin.read(f"{ressurs_page(hus.konto_id)}?sok=person 2")


@pytest.mark.parametrize(
    ("fra", "brukt", "ubrukt"),
    [
        (90, None, True),
        (89, None, False),
        (400, 90, True),
        (400, 89, False),
        (-10, None, False),
        (10, 200, False),
    ],
)
def test_a_grant_lies_unused_when_it_has_held_for_ninety_days_without_use(
    hus: Hus, fra: int, brukt: int | None, ubrukt: bool
) -> None:
    """In days ago. A grant given anew has only just begun, whatever its use before. Every page says the same."""
    someone = make_person(P.LESE, ressurs=hus.konto_id)
    now = database_now()
    begun, used = now - timedelta(days=fra), None if brukt is None else now - timedelta(days=brukt)
    with transaction() as tx:
        mine = update(Tilgang).where(Tilgang.person_id == someone)
        tx.execute(mine.values(gyldig_fra=begun, sist_brukt=used))
    assert queries.unused_count(hus.organisasjon_id, actor=HOUSE) == int(ubrukt)
    [line] = person_page.person(someone, hus.organisasjon_id, actor=HOUSE).linjer
    assert (line.ubrukt, line.kommende) == (ubrukt, fra < 0)
    rows = matrix.matrix(hus.konto_id, actor=HOUSE).rader
    [direct] = [r.celler[P.LESE].direkte for r in rows if r.innehaver.id == someone]
    assert direct is not None and direct.ubrukt is ubrukt


def acts_of(integrasjon_id: UUID) -> list[str]:
    rows = select(Tilgang.privilegium).where(Tilgang.integrasjon_id == integrasjon_id)
    return list(session().scalars(rows))
