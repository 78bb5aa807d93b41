"""A printer of letters that draws nothing: one small, valid page a letter, different for every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fiks.core.errors import FiksError
from fiks.utsending.brev import Brevkontekst, Brevmal, Trykk

_OBJECTS = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
)


def one_page(remark: str) -> bytes:
    """A PDF of one empty A4 page; `remark` makes it differ from others."""
    body, places = b"%PDF-1.4\n% " + remark.encode().hex().encode() + b"\n", []
    for number, content in enumerate(_OBJECTS, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 4\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    )


class FakePages:
    """A page's picture is its own PDF, which makes it differ from others as that does."""

    def page_png(self, pdf: bytes, side: int, dpi: int) -> bytes:
        return pdf


class FakePrinter:
    """Same row, same bytes. `refuse`: names whose letters cannot be made; `differ`: whose stamped ones look wrong;
    `avvik`: whose lines turn out otherwise.
    """

    def __init__(
        self,
        refuse: frozenset[str] = frozenset(),
        differ: frozenset[str] = frozenset(),
        avvik: frozenset[str] = frozenset(),
    ) -> None:
        self.refuse = refuse
        self.differ = differ
        self.avvik = avvik
        self.drawn: list[str] = []
        self.checked: list[str] = []

    def letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        if row.get("navn") in self.refuse:
            raise FiksError("FELT_MANGLER", felt="kid")
        self.drawn.append(row.get("navn", ""))
        return one_page(f"{kontekst.sendt} {sorted(row.items())}")

    def letters(
        self, mal: Brevmal, rows: Sequence[Mapping[str, str]], kontekst: Brevkontekst
    ) -> list[Trykk | FiksError]:
        out: list[Trykk | FiksError] = []
        for row in rows:
            try:
                pdf, avvik = self.letter(mal, row, kontekst), row.get("navn") in self.avvik and mal.hurtig
                out.append(Trykk(pdf, 1, stemplet=mal.hurtig and not avvik, avvik=avvik))
            except FiksError as error:
                out.append(error)
        return out

    def looks_alike(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst, pdf: bytes) -> bool:
        self.checked.append(row.get("navn", ""))
        return row.get("navn") not in self.differ

    def test_letter(self, mal: Brevmal, row: Mapping[str, str], kontekst: Brevkontekst) -> bytes:
        return one_page(f"PRØVEBREV {kontekst.sendt} {sorted(row.items())}")

    def count_pages(self, pdf: bytes) -> int:
        return 1

    def close(self) -> None:
        """Nothing to end."""
