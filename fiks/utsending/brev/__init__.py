"""Letters: the template language, the values a letter may print, and PDFs drawn in child processes.

Nothing here loads WeasyPrint; only the child process does (`child.Brevtrykker` starts it).
"""

from fiks.utsending.brev.bundled_templates import NAVN as FERDIGE_MALER
from fiks.utsending.brev.bundled_templates import bundled_template
from fiks.utsending.brev.child import Brevtrykker, prepare_logo
from fiks.utsending.brev.context import Avsender, Brevkontekst, Brevmal, Logo, Trykk
from fiks.utsending.brev.errors import BrevFeil, MalFeil, Malfunn, RenderFeil
from fiks.utsending.brev.language.fields import KOLONNER, LISTER, Felt, Felttype, Kilde, known_fields
from fiks.utsending.brev.language.fill import compose
from fiks.utsending.brev.language.formats import FORMATER
from fiks.utsending.brev.language.html import fill_title
from fiks.utsending.brev.language.lint import stamping_obstacles
from fiks.utsending.brev.language.parser import check as check_template
from fiks.utsending.brev.language.parser import parse as parse_template
from fiks.utsending.brev.language.used_fields import prints_field, states_date_in_own_words, states_deadline
from fiks.utsending.brev.logo import vet_svg

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
    "prints_field",
    "bundled_template",
    "stamping_obstacles",
    "states_date_in_own_words",
    "states_deadline",
    "vet_svg",
]
