"""Where a line may not break: French sets a space before its signs, within its hours and its dates.

Pages and mails are set so where they are rendered; the API, problem details and sentences keep plain spaces,
which programs compare and people search for.
"""

import re
from typing import TypeVar

from markupsafe import Markup

from services.chassis.times import MONTHS

Text = TypeVar("Text", bound=str)

NO_BREAK = "\N{NO-BREAK SPACE}"
_UNITS = ("h", "min", "s", "jours?", "mois", "ans?", "minutes?", "secondes?", "heures?", "Mo", "ko")
_BREAKS = re.compile(
    "|".join(
        (
            r" (?=[:;!?»])",
            r"(?<=[«§]) ",
            r"(?<=[Vv]ersion) (?=\d)",
            rf"(?<=\d) (?=(?:{'|'.join(_UNITS)})\b)",
            r"(?<=\d[ \u00a0]h) (?=\d\d)",
            rf"(?:(?<=\d)|(?<=1er)) (?=(?:{'|'.join(MONTHS)})\b)",  # « 22 novembre », « 1er décembre »
        )
    )
)


def unbroken(text: Text) -> Text:
    """`text` with no-break spaces where a line may not end; markup stays markup."""
    set_so = _BREAKS.sub(NO_BREAK, text)
    return type(text)(set_so) if isinstance(text, Markup) else set_so  # type: ignore[return-value]
