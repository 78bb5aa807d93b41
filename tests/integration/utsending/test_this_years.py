"""This year's tax notes are not last year's sent once more, and this year's that a colleague has sent are told of."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from fiks.core.db import session, transaction
from fiks.core.errors import Konflikt
from fiks.utsending import earlier_mailings
from fiks.utsending.approval import service
from fiks.utsending.draft import confirm
from fiks.utsending.earlier_mailings import MAX_SHOWN, Sendt
from fiks.utsending.models import Utsending, Utsendingsrad
from fiks.utsending.rules import REPEAT_WINDOW, RESEND_WINDOW, Radstatus, Utsendingstatus
from portal.texts.formats import tid
from testmiljo.mailing import send_again
from tests.integration.databases import QuickProcess, statements
from tests.integration.houses import new_fnr
from tests.integration.utsending.browser import log_in, post, text_of
from tests.integration.utsending.jobs import begin, few_rows, produce, read, send_everything, status
from tests.integration.utsending.kommuner import Kommune, make_kommune, make_mailing, release
from tests.pagecheck import check_page

pytestmark = pytest.mark.usefixtures("at_noon", "outside")
TAX, ROWS = "skatt_aar", 5
LAST_YEAR = timedelta(days=361)
"""From Friday 27 February 2026 to Tuesday 23 February 2027."""


@pytest.fixture
def kommune() -> Kommune:
    return make_kommune()


def corrected(path: Path, kroner: int) -> Path:
    """The same receivers and properties, each with a tax so much higher: another list."""
    head, *lines = path.read_text("utf-8-sig").splitlines()
    column = head.split(";").index(TAX)
    other = path.with_name(f"skatt-{kroner}.csv")
    cells = [line.split(";") for line in lines]
    for row in cells:
        row[column] = str(int(float(row[column].replace(",", "."))) + kroner)
    other.write_text("\r\n".join([head, *map(";".join, cells)]) + "\r\n", "utf-8")
    return other


def listed(kommune: Kommune, path: Path, process: QuickProcess, tittel: str) -> UUID:
    utsending_id = begin(kommune, path, tittel=tittel)
    read(utsending_id, process)
    return utsending_id


def sent(kommune: Kommune, path: Path, process: QuickProcess, tittel: str) -> UUID:
    utsending_id = listed(kommune, path, process, tittel)
    produce(kommune, utsending_id, process)
    send_everything(kommune, utsending_id, process)
    return utsending_id


def aged(utsending_id: UUID, age: timedelta) -> None:
    """As if it had been released so long ago."""
    with transaction() as tx:
        of_it = update(Utsending).where(Utsending.id == utsending_id)
        tx.execute(of_it.values(frigis_tid=func.now() - age))


def told(kommune: Kommune, utsending_id: UUID) -> Sendt | None:
    session().rollback()
    return earlier_mailings.find_repeats(utsending_id, actor=kommune.aktor("saksbehandler"))


def released(utsending_id: UUID) -> datetime:
    session().rollback()
    at = session().get_one(Utsending, utsending_id).frigis_tid
    assert at is not None
    return at


def test_last_years_tax_notes_ask_for_no_reason_and_this_years_of_a_colleague_do(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    path, maker = few_rows(tmp_path, ROWS), kommune.aktor("saksbehandler")
    aged(sent(kommune, path, process, "Eiendomsskatt 2026"), LAST_YEAR)
    mine = listed(kommune, corrected(path, 17), process, "Eiendomsskatt 2027")
    assert told(kommune, mine) is None
    colleagues = sent(kommune, corrected(path, 18), process, "Skattesedler 2027")
    found = told(kommune, mine)
    assert found is not None
    assert (found.utsending_id, found.antall, found.flere) == (None, ROWS, 0)
    [one] = found.tidligere
    assert (one.utsending_id, one.tittel, one.antall) == (colleagues, "Skattesedler 2027", ROWS)
    assert (one.frigitt, one.samme_liste) == (released(colleagues), False)
    with pytest.raises(Konflikt, match="SENDT_FOR") as refused:
        confirm.confirm_control(mine, actor=maker)
    assert refused.value.params == {
        "utsending": None,
        "antall": ROWS,
        "utsendinger": "«Skattesedler 2027»",
    }


def test_a_colleagues_corrected_list_that_is_released_after_the_control_holds_the_first_back(
    kommune: Kommune, process: QuickProcess, tmp_path: Path
) -> None:
    path = few_rows(tmp_path, ROWS)
    aged(sent(kommune, path, process, "Eiendomsskatt 2026"), LAST_YEAR)
    mine = listed(kommune, corrected(path, 17), process, "Eiendomsskatt 2027")
    produce(kommune, mine, process)
    sent(kommune, corrected(path, 18), process, "Skattesedler 2027")
    with pytest.raises(Konflikt, match="SENDT_SIDEN_KONTROLLEN"):
        send_everything(kommune, mine, process)
    assert status(mine) == Utsendingstatus.TIL_GODKJENNING


@pytest.mark.parametrize(
    ("age", "same", "seen"),
    [
        (REPEAT_WINDOW - timedelta(hours=1), False, True),
        (REPEAT_WINDOW + timedelta(hours=1), False, False),
        (REPEAT_WINDOW + timedelta(hours=1), True, True),
        (timedelta(days=366), True, True),
        (RESEND_WINDOW - timedelta(hours=1), True, True),
        (RESEND_WINDOW + timedelta(hours=1), True, False),
    ],
)
def test_rows_are_asked_about_for_less_than_a_year_and_the_very_same_list_for_more_than_one(
    kommune: Kommune, age: timedelta, same: bool, seen: bool
) -> None:
    numbers = [new_fnr() for _ in range(3)]
    first, again = (make_mailing(kommune, 3, fnr=numbers) for _ in range(2))
    release(kommune, first)
    aged(first.id, age)
    if not same:
        with transaction() as tx:
            tx.execute(update(Utsending).where(Utsending.id == again.id).values(liste_digest=b"en annen"))
    found = told(kommune, again.id)
    assert (found is not None) == seen
    if found is not None:
        assert (found.utsending_id, found.antall) == (first.id if same else None, 3)
        assert [(one.samme_liste, one.antall) for one in found.tidligere] == [(same, 3)]


def test_the_newest_five_mailings_are_named_with_how_many_rows_each_and_the_others_counted(
    kommune: Kommune,
) -> None:
    numbers = [new_fnr() for _ in range(MAX_SHOWN + 2)]
    earlier = []
    for n in range(1, MAX_SHOWN + 3):
        mailing = make_mailing(kommune, n, fnr=numbers[:n], status=Utsendingstatus.FRIGITT)
        aged(mailing.id, timedelta(days=n))
        earlier.append(mailing.id)
    now = make_mailing(kommune, len(numbers) + 1, fnr=[*numbers, new_fnr()])
    found = told(kommune, now.id)
    assert found is not None
    assert found.antall == len(numbers), "each row once, however often it was sent"
    assert [(one.utsending_id, one.antall) for one in found.tidligere] == [
        (one, n) for n, one in enumerate(earlier[:MAX_SHOWN], 1)
    ]
    assert found.flere == 2


def test_rows_that_were_never_sent_there_are_not_counted_as_that_mailings(kommune: Kommune) -> None:
    numbers = [new_fnr() for _ in range(3)]
    half, whole = make_mailing(kommune, 3, fnr=numbers), make_mailing(kommune, 3, fnr=numbers)
    with transaction() as tx:
        held_out = (Utsendingsrad.utsending_id == half.id, Utsendingsrad.radnr > 2)
        tx.execute(update(Utsendingsrad).where(*held_out).values(status=Radstatus.PARKERT))
        tx.execute(update(Utsending).where(Utsending.id == half.id).values(innhold_digest=b"x" * 32))
        tx.execute(
            update(Utsending)
            .where(Utsending.id == half.id)
            .values(innhold_digest=service.compute_digest(half.id), liste_digest=b"en annen")
        )
    release(kommune, half)
    found = told(kommune, whole.id)
    assert found is not None
    assert (found.antall, [one.antall for one in found.tidligere]) == (1, [1])


def test_the_rows_of_last_years_mailing_are_not_even_read(kommune: Kommune) -> None:
    numbers = [new_fnr(), new_fnr()]
    first, again = (make_mailing(kommune, 2, fnr=numbers) for _ in range(2))
    release(kommune, first)
    aged(first.id, LAST_YEAR)
    with transaction() as tx:
        tx.execute(update(Utsending).where(Utsending.id == again.id).values(liste_digest=b"en annen"))
    with statements() as asked:
        assert told(kommune, again.id) is None
    assert not [one for one in asked if "utsendingsrad" in one]


def test_a_reason_is_still_needed_and_is_still_enough(kommune: Kommune) -> None:
    numbers = [new_fnr(), new_fnr()]
    first = make_mailing(kommune, 2, fnr=numbers)
    again = make_mailing(kommune, 2, fnr=numbers, status=Utsendingstatus.UTKAST)
    release(kommune, first)
    row = session().get_one(Utsending, again.id, populate_existing=True)
    with pytest.raises(Konflikt, match="SENDT_FOR"):
        earlier_mailings.require_reason_for_repeats(row)
    session().rollback()
    send_again(again.id, "Nytt vedtak etter klage", kommune.aktor("saksbehandler"))
    earlier_mailings.require_reason_for_repeats(
        session().get_one(Utsending, again.id, populate_existing=True)
    )
    session().rollback()


# The pages


def shown(app: Flask, kommune: Kommune, rolle: str, utsending_id: UUID, side: str) -> str:
    answer = log_in(app, kommune, rolle).get(f"/utsendinger/{utsending_id}/{side}")
    assert answer.status_code == 200
    check_page(answer.text)
    return answer.text


def test_who_prepares_and_who_approves_see_which_mailings_it_was_and_when(app: Flask) -> None:
    with app.app_context():
        kommune = make_kommune()
        numbers = [new_fnr() for _ in range(MAX_SHOWN + 2)]
        for n in range(1, MAX_SHOWN + 3):
            earlier = make_mailing(kommune, n, fnr=numbers[:n], status=Utsendingstatus.FRIGITT)
            aged(earlier.id, timedelta(days=n))
            if n == 1:
                newest = earlier.id
        with transaction() as tx:
            of_it = update(Utsending).where(Utsending.id == newest)
            tx.execute(of_it.values(tittel="Skatte<b>sedler 2027"))
        draft = make_mailing(kommune, 7, fnr=numbers, status=Utsendingstatus.UTKAST).id
        waiting = make_mailing(kommune, 7, fnr=numbers).id
        with transaction() as tx:
            of_both = update(Utsending).where(Utsending.id.in_([draft, waiting]))
            tx.execute(of_both.values(liste_digest=b"en annen"))
            of_it = update(Utsending).where(Utsending.id == waiting)
            of_all = select(Utsending.id).where(Utsending.id.not_in([draft, waiting]))
            given_for = list(tx.scalars(of_all))
            tx.execute(of_it.values(overstyrt_grunn="Nytt vedtak etter klage", overstyrt_for=given_for))
        at = tid(released(newest))
        control_page = shown(app, kommune, "saksbehandler", draft, "kontroll")
        approval_page = shown(app, kommune, "godkjenner", waiting, "godkjenning")
    for page in (control_page, approval_page):
        words = text_of(page)
        assert f'href="/utsendinger/{newest}">Skatte&lt;b&gt;sedler 2027</a>' in page
        assert f", frigitt med start {at.replace(chr(160), ' ')} : 1 av brevene her" in words
        assert "7 brev til samme mottaker og eiendom er sendt eller frigitt" in words
        assert words.count("frigitt med start") == MAX_SHOWN
        assert "og 2 eldre utsendinger" in words
    advice = "Se om noen allerede har sendt det du skal sende nå."
    assert (advice in text_of(control_page), advice in text_of(approval_page)) == (True, False)
    assert "Begrunnelse for å sende igjen: «Nytt vedtak etter klage»" in text_of(approval_page)


def test_a_reason_that_was_written_while_a_colleague_released_more_is_asked_for_again(app: Flask) -> None:
    with app.app_context():
        kommune = make_kommune()
        numbers = [new_fnr(), new_fnr()]
        first, second = (make_mailing(kommune, 2, fnr=numbers) for _ in range(2))
        release(kommune, first)
        draft = make_mailing(kommune, 2, fnr=numbers, status=Utsendingstatus.UTKAST).id
        client = log_in(app, kommune, "saksbehandler")
        page, grunn = f"/utsendinger/{draft}/kontroll", "Dette er vedtaket, ikke varselet."
        opened = client.get(page).text
        release_as(second.id, "Skattesedler 2027, sendt av kollegaen")
        refused = post(client, page, f"{page}/sendt-for", tidligere=named_in(opened), grunn=grunn)
        assert refused.status_code == 422
        check_page(refused.text)
        assert "enn siden viste: «Skattesedler 2027, sendt av kollegaen»." in text_of(refused.text)
        assert f">{grunn}</textarea>" in refused.text.replace("\r\n", "").replace("\n", "")
        given = post(client, page, f"{page}/sendt-for", tidligere=named_in(refused.text), grunn=grunn)
        assert given.location == page
        assert "Send likevel" not in client.get(page).text
        release_as(make_mailing(kommune, 2, fnr=numbers).id, "Enda en")
        again = client.get(page).text
        check_page(again)
    words = text_of(again)
    assert "Send likevel" in words and f"«{grunn}»" in words
    assert "Enda en , frigitt med start" in words
    assert words.count("Begrunnelsen gjelder ikke denne.") == 1


def release_as(utsending_id: UUID, tittel: str) -> None:
    """A colleague releases it under this title."""
    with transaction() as tx:
        of_it = update(Utsending).where(Utsending.id == utsending_id)
        tx.execute(of_it.values(status=Utsendingstatus.FRIGITT, frigis_tid=func.now(), tittel=tittel))


def named_in(page: str) -> str:
    found = re.search(r'name="tidligere" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_who_approves_is_told_what_no_reason_was_given_for(app: Flask) -> None:
    with app.app_context():
        kommune = make_kommune()
        numbers = [new_fnr(), new_fnr()]
        waiting = make_mailing(kommune, 2, fnr=numbers)
        address = f"/utsendinger/{waiting.id}"
        opened = shown(app, kommune, "godkjenner", waiting.id, "godkjenning")
        assert "Utsendingen kan ikke godkjennes slik" not in opened
        release_as(make_mailing(kommune, 2, fnr=numbers).id, "Skattesedler 2027")
        client = log_in(app, kommune, "godkjenner")
        digest = opened.split('name="digest" value="')[1].split('"')[0]
        post(client, f"{address}/godkjenning", f"{address}/godkjenn", digest=digest)
        answer = client.get(f"{address}/godkjenning").text
        check_page(answer)
        assert status(waiting.id) == Utsendingstatus.TIL_GODKJENNING
    words = text_of(answer)
    assert "etter kontrollen her: «Skattesedler 2027». Trekk utsendingen tilbake, eller send den" in words
    assert "Skattesedler 2027 , frigitt med start" in words
    assert "Utsendingen kan ikke godkjennes slik. Send den tilbake" in words
