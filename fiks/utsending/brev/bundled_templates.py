"""The templates that ship with the product."""

from __future__ import annotations

from importlib.resources import files

from fiks.utsending.brev.context import Brevmal

_TITLES = {
    "eiendomsskatt": (
        "Eiendomsskatt ((skatteaar)) for ((eiendomsadresse)) fra ((kommune_navn))",
        "Eigedomsskatt ((skatteaar)) for ((eiendomsadresse)) frå ((kommune_navn))",
    ),
    "brev": ("((tittel))", "((tittel))"),
    "forside": ("((tittel))", "((tittel))"),
}
NAVN: tuple[str, ...] = tuple(_TITLES)
"""eiendomsskatt: property tax notice; brev: an empty letter to start from; forside: cover sheet for uploaded
PDFs.
"""


def bundled_template(navn: str) -> Brevmal:
    """Return one of the templates in NAVN, in both malformer. Raises KeyError for another name."""
    title_nb, title_nn = _TITLES[navn]
    folder = files("fiks.utsending.brev") / "templates"
    nb, nn = ((folder / f"{navn}.{malform}.txt").read_text("utf-8") for malform in ("nb", "nn"))
    return Brevmal(nb, nn, title_nb, title_nn)
