"""Forms of pages that stood open while somebody else wrote, and what their sender is told."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from fiks.core.audit import Audit
from fiks.core.db import session
from tests.integration.utsending.browser import Browser, marks_of, text_of
from tests.pagecheck import faults

TOLD = "Noen andre har endret dette mens du hadde siden oppe"


def send_open(client: Browser, shown: str, page: str, **data: str) -> TestResponse:
    """Send the form of a page that stood open."""
    return client.post(page, data=marks_of(shown) | data, headers={"Referer": f"http://localhost{page}"})


def told(answer: TestResponse) -> str:
    """The words of the page that says that somebody else was first, which is well made."""
    assert (answer.status_code, answer.location) == (409, None)
    assert not faults(answer.text)
    assert TOLD in text_of(answer.text)
    return text_of(answer.text)


def value_of(html: str, name: str) -> str:
    """What stands in a field of the page."""
    line = re.search(rf'<input[^>]* name="{name}" value="([^"]*)"', html)
    text = re.search(rf'(?s)<textarea[^>]* name="{name}"[^>]*>\n?(.*?)</textarea>', html)
    found = line or text
    assert found, name
    return found.group(1)


def ticked(html: str) -> set[tuple[str, str]]:
    """(name, value) of the boxes and choices of the page that are chosen."""
    inputs = re.findall(r'<input[^>]* type="(?:checkbox|radio)"[^>]* checked[^>]*>', html)
    lists = re.findall(r'(?s)<select[^>]* name="([^"]+)".*?<option value="([^"]*)" selected>', html)
    return {(_attribute(tag, "name"), _attribute(tag, "value")) for tag in inputs} | set(lists)


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf' {name}="([^"]*)"', tag)
    return found.group(1) if found else ""


def acts(objekt_id: UUID, handling: str) -> int:
    """How often this was done to it."""
    session().rollback()
    done = (Audit.objekt_id == str(objekt_id), Audit.handling == handling)
    return session().execute(select(func.count()).select_from(Audit).where(*done)).scalar_one()
