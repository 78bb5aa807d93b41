"""A disk of our own that is full: the package waits, no outcome is unknown, and it is no try of the package's."""

from __future__ import annotations

import errno
from tempfile import SpooledTemporaryFile

import pytest
from sqlalchemy import select

from fiks.core.db import session
from fiks.core.queue.owner_lock import Owner
from fiks.pdf import Sammenfletter
from fiks.print.handover import deliver, packing
from fiks.print.handover.client import PrintClient
from fiks.print.models import Leverandor
from tests.integration.houses import Hus, make_hus
from tests.integration.print.orders import HOUSE, FakeVern, let_wait_pass, make_order, packages

pytestmark = pytest.mark.usefixtures("empty")
NOBODY = "sftp://a:b@127.0.0.1:1/?hostkey=SHA256:x"


@pytest.fixture
def hus(empty: None) -> Hus:
    return make_hus()


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for anything that is laid aside."""

    def write(self: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SpooledTemporaryFile, "write", write)


@pytest.mark.usefixtures("full")
def test_a_package_that_cannot_be_made_here_waits_and_is_not_unknown(hus: Hus, eier: Owner) -> None:
    """However often: four days of a full disk use up no try, and no person is asked."""
    make_order(hus)
    packing.pack_all()
    for tries in range(1, 10):
        houses = {HOUSE: PrintClient(NOBODY)}
        assert deliver.deliver(eier, houses, Sammenfletter, lambda: False, FakeVern()) == 1
        [pakke] = packages()
        assert (pakke.status, pakke.feilkode) == ("VENTER", "PAKKE_KUNNE_IKKE_LAGES")
        assert (pakke.frie_forsok, pakke.tapte_eiere) == (tries, 0)
        assert session().scalar(select(Leverandor.feil_pa_rad).where(Leverandor.kode == HOUSE)) == 0
        let_wait_pass()
