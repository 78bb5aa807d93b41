"""Letters: the template language, the values a letter may print, and PDFs drawn in child processes.

Nothing here loads WeasyPrint; only the child process does (`child.Brevtrykker` starts it).
"""

from fiks.utsending.brev.context import Avsender, Brevkontekst, Brevmal, Logo, Trykk
from fiks.utsending.brev.dates import states_date_in_own_words, states_deadline
from fiks.utsending.brev.errors import BrevFeil, MalFeil, Malfunn, RenderFeil
from fiks.utsending.brev.fields import KOLONNER, LISTER, Felt, Felttype, Kilde, known_fields
from fiks.utsending.brev.filling import compose
from fiks.utsending.brev.formats import FORMATER
from fiks.utsending.brev.isolated import Brevtrykker, prepare_logo
from fiks.utsending.brev.letter import fill_title
from fiks.utsending.brev.lint import slow_places
from fiks.utsending.brev.logo import vet_svg
from fiks.utsending.brev.parse import check as check_template
from fiks.utsending.brev.parse import parse as parse_template
from fiks.utsending.brev.printed import prints
from fiks.utsending.brev.ready import NAVN as FERDIGE_MALER
from fiks.utsending.brev.ready import ready_template

__all__ = [
    "FERDIGE_MALER",
    "FORMATER",
    "KOLONNER",
    "LISTER",
    "Avsender",
    "BrevFeil",
    "Brevkontekst",
    "Brevmal",
    "Brevtrykker",
    "Felt",
    "Felttype",
    "Kilde",
    "Logo",
    "MalFeil",
    "Malfunn",
    "RenderFeil",
    "Trykk",
    "check_template",
    "compose",
    "fill_title",
    "known_fields",
    "parse_template",
    "prepare_logo",
    "prints",
    "ready_template",
    "slow_places",
    "states_date_in_own_words",
    "states_deadline",
    "vet_svg",
]
