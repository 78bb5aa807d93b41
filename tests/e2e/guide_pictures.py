"""Takes the pictures of docs/: `.venv/bin/python -m tests.e2e.guide_pictures`. Not a test; run it when pages change.

The whole demo list is sent first, so that the overview has something to tell; then two people do the guided job.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import func, select

from fiks.core.db import session
from fiks.svarut.models import Forsendelse
from fiks.utsending.rules import Utsendingstatus
from testmiljo import mailing, paper
from testmiljo.folders import LILLEVIK
from testmiljo.machines import seed_fagsystem
from tests.e2e import job
from tests.e2e.persons import Person
from tests.e2e.platform import BY_ROLE, Plattform, running_platform
from tests.e2e.test_big_file import SAMLET
from tests.e2e.test_big_file import begin as begin_big_file

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = DOCS / "brukerveiledning" / "bilder"
WIDTH, HIGHEST = 1200, 1500
COLOURS = 128
MAILING = "Eiendomsskatt 2027"
BROWSER = shutil.which(os.environ.get("CHROMIUM", "chromium-headless-shell")) or shutil.which("chromium")


def main() -> None:
    """Start the platform, walk through it, and write every picture."""
    with tempfile.TemporaryDirectory() as folder, running_platform(Path(folder) / "p") as plattform:
        send_the_whole_list(plattform)
        with two_people(plattform) as (maker, approver):
            maker.log_in()
            prepare(maker)
            approver.log_in()
            shoot(approver.page, DOCS / "bilder" / "oversikt.png")
            approve_and_release(approver)
            follow(maker)
            cut_big_file(maker)
            send_sms(maker)
            lay_in_queue(plattform, Path(folder))
            print_by_hand(maker)


def shoot(page: Page, path: Path) -> None:
    """Write the page as a small PNG, from its top down to HIGHEST at most."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.activeElement?.blur()")
    picture = Image.open(io.BytesIO(page.screenshot(full_page=True, animations="disabled")))
    cut = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, HIGHEST)))
    path.parent.mkdir(parents=True, exist_ok=True)
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def send_the_whole_list(plattform: Plattform) -> None:
    """240 letters, handed over."""
    with plattform.app.app_context():
        made = mailing.prepare(plattform.lillevik, LILLEVIK / "eiendomsskatt.xlsx", mailing.Valg())
        mailing.wait_for("the list is read", lambda: mailing.list_state(made)[0] == "LEST")
        mailing.control_and_produce(plattform.lillevik, made)
        mailing.wait_for("the letters", lambda: mailing.status(made) == Utsendingstatus.TIL_GODKJENNING)
        mailing.approve_and_release(plattform.lillevik, made)
        mailing.wait_for("the hand-over", lambda: handed_over(made) == 240)


def handed_over(utsending_id: UUID) -> int:
    """Letters of the mailing that a channel has."""
    session().rollback()
    has_it = select(func.count()).where(
        Forsendelse.utsending_id == utsending_id, Forsendelse.overlevert.is_not(None)
    )
    return session().execute(has_it).scalar_one()


@contextmanager
def two_people(plattform: Plattform) -> Iterator[tuple[Person, Person]]:
    """(who prepares, who approves), each with a browser of their own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--headless", "--no-sandbox"])
        people = []
        for rolle in ("Saksbehandler", "Godkjenner"):
            size = {"width": WIDTH, "height": 900}
            context = browser.new_context(locale="nb-NO", viewport=size, base_url=plattform.stack.base_url)
            people.append(Person(context.new_page(), BY_ROLE[rolle]))
        yield people[0], people[1]
        browser.close()


def prepare(maker: Person) -> None:
    """Steps 1 to 5."""
    maker.menu("Manuell utsending")
    job.open_new(maker)
    maker.write(tittel=MAILING)
    shoot(maker.page, GUIDE / "1-ny-utsending.png")
    job.begin(maker, MAILING)
    shoot(maker.page, GUIDE / "2-mottakere.png")
    job.upload_list(maker, job.FAULTY)
    maker.follow("Gå videre til kontroll")
    maker.sees("Kontroll")
    shoot(maker.page, GUIDE / "3-kontroll.png")
    maker.follow("Se over forslagene")
    shoot(maker.page, GUIDE / "3-forslag.png")
    maker.follow("Tilbake til kontroll")
    job.accept_repairs(maker)
    job.put_bad_rows_aside(maker)
    maker.follow("Gå videre til brev")
    job.choose_tax_note(maker)
    shoot(maker.page, GUIDE / "4-brev.png")
    maker.press("Vis brevet")
    expect(maker.page.get_by_role("img", name=re.compile("Side 1 av "))).to_be_visible(timeout=60_000)
    shoot(maker.page, GUIDE / "4-forhandsvisning.png")
    maker.follow("Tilbake til brev")
    maker.follow("Gå videre til oppsummering")
    shoot(maker.page, GUIDE / "5-oppsummering.png")
    maker.press("Lag brevene og send til godkjenning")
    maker.sees_part("Venter på godkjenning", 120)


def approve_and_release(approver: Person) -> None:
    """The other person, from Oversikt."""
    approver.follow(f"Godkjenn «{MAILING}»")
    approver.press("Vis brevene som bilder")
    letters = approver.page.locator("article.stikkprove")
    expect(letters.first.get_by_role("img").first).to_be_visible(timeout=60_000)
    approver.page.evaluate("scrollTo(0, 0)")
    shoot(approver.page, GUIDE / "6-godkjenning.png")
    approver.press("Godkjenn utsendingen")
    approver.reads("Utsendingen er godkjent. Nå kan den frigis.")
    approver.follow("Frigi utsendingen")
    shoot(approver.page, GUIDE / "7-frigi.png")
    approver.press("Frigi utsendingen")
    approver.sees_part("Angrefristen løper")


def follow(maker: Person) -> None:
    """Progress, and one letter."""
    maker.page.reload()
    maker.sees_part("Fremdrift")
    numbers = maker.page.locator("#levende .kpi", has_text="Digital postkasse").locator("dd")
    expect(numbers).to_have_text("20", timeout=120_000)
    shoot(maker.page, GUIDE / "8-fremdrift.png")
    maker.follow("Se brevene")
    maker.page.get_by_label("Status").select_option(label="Skrevet ut og postlagt")
    maker.press("Vis treff")
    maker.table("Brev").get_by_role("link").first.click()
    maker.reads("Hva som har skjedd")
    shoot(maker.page, GUIDE / "9-tidslinje.png")


def cut_big_file(maker: Person) -> None:
    """One big PDF: uploaded, set up, read, and its letters beside what was read."""
    maker.page.goto("/oversikt")
    begin_big_file(maker, "Skattesedler fra fagsystemet")
    shoot(maker.page, GUIDE / "samlet-1-last-opp.png")
    maker.upload(SAMLET)
    maker.follow("Sett opp oppdelingen")
    maker.reads("Vi har foreslått et oppsett")
    expect(maker.page.locator("g.omrade").first).to_be_visible()
    shoot(maker.page, GUIDE / "samlet-2-oppsett.png")
    maker.press("Vis hva som leses")
    expect(maker.table("Det som leses fra de første brevene").locator("tbody tr").first).to_be_visible()
    maker.press("Bruk oppsettet og les brevene")
    maker.sees_part("Brevene er lest", 60)
    shoot(maker.page, GUIDE / "samlet-3-lest.png")
    maker.follow("Sammenlign med brevene")
    maker.sees("Brevene i filen")
    maker.follow(re.compile("^Alle brevene"))
    for picture in maker.page.get_by_role("img", name=re.compile("^Den delen av brev")).all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
    maker.page.evaluate("scrollTo(0, 0)")
    shoot(maker.page, GUIDE / "samlet-4-brevene.png")


def send_sms(maker: Person) -> None:
    """An SMS, from the form to the receipts."""
    maker.menu("SMS")
    maker.follow("Ny SMS")
    maker.write(tekst="Vannet i Strandgata er stengt i dag fra kl. 12 til kl. 16. Hilsen Lillevik kommune.")
    maker.write(mottakere="\n".join(f"9000{number:04}" for number in range(1, 13)))
    shoot(maker.page, GUIDE / "sms-1-ny.png")
    maker.press("Se over før du sender")
    maker.sees("Se over SMS-en")
    shoot(maker.page, GUIDE / "sms-2-se-over.png")
    maker.press("Send 12 SMS")
    expect(maker.table("Status").get_by_role("row", name=re.compile(r"^Levert\s+12"))).to_be_visible(
        timeout=120_000
    )
    shoot(maker.page, GUIDE / "sms-3-levert.png")


def lay_in_queue(plattform: Plattform, folder: Path) -> None:
    """Letters of a konto that prints by itself, in its queue."""
    with plattform.app.app_context():
        paper.make_konto(plattform.lillevik)
        fagsystem = seed_fagsystem(plattform.lillevik, folder)
        sent = paper.send_to_print(plattform.lillevik, LILLEVIK, fagsystem)
        ready = select(func.count()).where(Forsendelse.id.in_(sent), Forsendelse.overlevert.is_not(None))

        def lie_there() -> bool:
            session().rollback()
            return session().execute(ready).scalar_one() == len(sent)

        mailing.wait_for("the letters lie in the queue", lie_there)


def print_by_hand(maker: Person) -> None:
    """The queue, the question, and a letter that came back."""
    maker.page.goto("/oversikt")
    maker.menu("Utskriftskø")
    boxes = maker.page.get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(1).check()
    shoot(maker.page, GUIDE / "utskriftsko-1-ko.png")
    maker.press("Lagt i posten")
    maker.sees("Er alle 2 brevene skrevet ut og lagt i posten?")
    shoot(maker.page, GUIDE / "utskriftsko-2-lagt-i-posten.png")
    maker.page.locator("#uapnet").check()
    maker.press("Ja, lagt i posten")
    maker.reads("2 brev er merket som lagt i posten.")
    maker.menu("Forsendelser")
    posted = (
        maker.page.get_by_role("row").filter(has_text="Skrevet ut og postlagt").filter(has_text=paper.KONTO)
    )
    posted.first.get_by_role("link").click()
    maker.follow("Registrer retur")
    maker.sees("Har brevet kommet i retur?")
    shoot(maker.page, GUIDE / "utskriftsko-3-retur.png")
    maker.press("Registrer retur")


if __name__ == "__main__":
    main()
