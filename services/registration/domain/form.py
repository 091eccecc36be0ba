"""The form as a candidate saves it (domain, 'The form'): complete, coherent, and nothing more is asked.

What depends on the configuration (specialities, papers, marks, dates of the session), or holds between two
parts, is in `checks`; places are in `location`; what may be declared and still fail R7 is in `eligibility`: a
candidate who is not eligible may save. Every rule here names the one field that is to be corrected.
"""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, StrictBool, Tag, ValidationInfo, field_validator

from services.registration.domain.modalities import Modalities
from services.registration.domain.places import FRANCE, department_of
from services.registration.domain.text import (
    Code,
    CommuneCode,
    Day,
    Email,
    Ine,
    Line,
    Part,
    Phone,
    Words,
    Year,
)


class Address(Part):
    """Where the candidate lives. `commune_code` (INSEE) says the département (R7); a front end that has only
    the postcode and the name may leave it out: it is found from them when the form is saved (`location`).
    `postcode` is asked in France; many countries have none."""

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=3)]
    country: Words = FRANCE
    postcode: Words | None = Field(default=None, validate_default=True)
    commune: Words
    commune_code: CommuneCode | None = None

    @field_validator("postcode")
    @classmethod
    def _french_postcode(cls, value: str | None, others: ValidationInfo) -> str | None:
        if not _is_france(others.data.get("country")):
            return value
        if value is None:
            raise ValueError("En France, indiquez le code postal.")
        if not re.fullmatch(r"[0-9]{5}", value):
            raise ValueError("En France, le code postal compte 5 chiffres.")
        return value

    @field_validator("commune_code")
    @classmethod
    def _only_in_france(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and not _is_france(others.data.get("country", FRANCE)):
            raise ValueError("À l’étranger, n’indiquez pas de code de commune.")
        return value

    @property
    def in_france(self) -> bool:
        return _is_france(self.country)

    @property
    def department(self) -> str | None:
        """The commune's département; None abroad. Before the commune is known, the postcode's."""
        code = self.commune_code or self.postcode
        return department_of(code) if self.in_france and code else None


class Parents(Part):
    """Names of the parents, asked only of those born abroad."""

    first: Line
    second: Line | None = None


class Identification(Part):
    """`email` is what the confirmation prints; where mails go is `accounts`' own."""

    birth_name: Words
    usage_name: Words | None = None
    forenames: Line
    sex: Literal["F", "M"]
    birth_date: Day
    birth_country: Words = FRANCE
    birth_commune: Words
    birth_commune_code: CommuneCode | None = None
    nationality: Literal["francaise", "union_europeenne", "autre"]
    address: Address
    phone: Phone
    email: Email
    parents: Parents | None = Field(default=None, validate_default=True)
    ine: Ine | None = None

    @property
    def born_abroad(self) -> bool:
        return not _is_france(self.birth_country)

    @property
    def french(self) -> bool:
        return self.nationality == "francaise"

    @field_validator("birth_commune_code")
    @classmethod
    def _born_in_france(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and not _is_france(others.data.get("birth_country", FRANCE)):
            raise ValueError("À l’étranger, n’indiquez pas de code de commune.")
        return value

    @field_validator("parents")
    @classmethod
    def _parents_of_those_born_abroad(cls, value: Parents | None, others: ValidationInfo) -> Parents | None:
        if "birth_country" not in others.data:
            return value
        abroad = not _is_france(others.data["birth_country"])
        if abroad and value is None:
            raise ValueError("Né à l’étranger : indiquez le nom de vos parents.")
        if not abroad and value is not None:
            raise ValueError("Le nom des parents n’est demandé qu’aux personnes nées à l’étranger.")
        return value


class Sport(Part):
    """EPS: two tests, or unfit with a medical certificate."""

    fit: StrictBool
    tests: tuple[Literal["danse", "tennis_de_table", "demi_fond"], ...] = Field(
        default=(), validate_default=True
    )

    @field_validator("tests")
    @classmethod
    def _two_tests(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        fit = others.data.get("fit")
        if fit is True and (len(value) != 2 or len(set(value)) != 2):
            raise ValueError("Choisissez deux épreuves d’EPS différentes.")
        if fit is False and value:
            raise ValueError("Inapte : ne choisissez pas d’épreuve d’EPS.")
        return value


class Options(Part):
    """Optional papers: a language, the mobility evaluation, EPS."""

    language: Words | None = None
    mobility: StrictBool = False
    sport: StrictBool = False


class RetainedMark(Part):
    """R9: *bénéfice de note* on one paper, the mark over 20."""

    kind: Literal["note"]
    paper: Code
    mark: Annotated[Decimal, Field(ge=0, le=20, max_digits=4, decimal_places=2)]
    year: Year


class Exemption(Part):
    """R9: *dispense* of one paper, by a title held."""

    kind: Literal["dispense"]
    paper: Code
    title: Line


def _variant(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return "variant:dispense" if kind == "dispense" else "variant:note"


Acquis = Annotated[
    Annotated[RetainedMark, Tag("variant:note")] | Annotated[Exemption, Tag("variant:dispense")],
    Discriminator(_variant),
]
"""The tags begin with `variant:` so that they are left out of the pointer to a wrong field."""


class Candidature(Part):
    """*Candidature*: one speciality, EPS, options, and what need not be sat again. `sport` is left out by who
    keeps an acquis for EPS, and by nobody else."""

    speciality: Code
    sport: Sport | None = None
    options: Options = Options()
    acquis: Annotated[tuple[Acquis, ...], Field(max_length=20)] = ()

    @property
    def unfit(self) -> bool:
        return self.sport is not None and not self.sport.fit


class Form(Part):
    """What one version of the registration holds."""

    modalities: Modalities
    identification: Identification
    candidature: Candidature


def _is_france(country: object) -> bool:
    return isinstance(country, str) and country.casefold() == FRANCE.casefold()
