"""What was typed into a form and what is wrong with it: a refused form is shown again with both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from services.chassis.problems import FieldError


@dataclass
class Form:
    """`values` by field name; `errors` by field name, in the order of the page, one sentence each.

    The layout writes the error summary and « Erreur : » into the title for a template's `form`.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def refused(cls, values: Mapping[str, Any], errors: Iterable[FieldError]) -> "Form":
        """From problem details: the pointer `/address/street` is the field `address.street`."""
        form = cls(values)
        for error in errors:
            form.refuse(error.pointer.strip("/").replace("/", "."), error.detail)
        return form

    def refuse(self, name: str, sentence: str) -> None:
        """The first error of a field is the one that is told."""
        self.errors.setdefault(name, sentence)

    def value(self, name: str) -> str:
        """As text for the field; empty if there is none."""
        found = self.values.get(name)
        return "" if found is None else str(found)

    def values_of(self, name: str) -> list[str]:
        """Of a field that may come several times."""
        if isinstance(self.values, FormData):
            return [str(one) for one in self.values.getlist(name)]
        found = self.values.get(name, ())
        return [str(one) for one in (found if isinstance(found, list | tuple | set) else (found,))]

    def error(self, name: str) -> str | None:
        return self.errors.get(name)

    def day(self, name: str) -> date:
        """The date of `ui.date`'s three fields.

        Raises:
            ValueError: they are no date.
        """
        year, month, day = (self.value(f"{name}-{part}").strip() for part in ("year", "month", "day"))
        if len(year) != 4:
            raise ValueError("a year has four digits")
        return date(int(year), int(month), int(day))
