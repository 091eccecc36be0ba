"""The form as a candidate saves it (domain, 'The form'): complete, coherent, and nothing more is asked.

What depends on the configuration (specialities, papers, marks, dates of the session) is in `checks`; what
may be declared and still fail R7 is in `eligibility`: a candidate who is not eligible may save.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, field_validator, model_validator

from services.registration.domain.modalities import Modalities
from services.registration.domain.text import Code, Day, Email, Ine, Line, Part, Phone, Words, Year

FRANCE = "France"


class Address(Part):
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=3)]
    postcode: Words
    commune: Words
    country: Words = FRANCE

    @model_validator(mode="after")
    def _french_postcode(self) -> Self:
        if self.in_france and not re.fullmatch(r"[0-9]{5}", self.postcode):
            raise ValueError("En France, le code postal compte 5 chiffres.")
        return self

    @property
    def in_france(self) -> bool:
        return self.country.casefold() == FRANCE.casefold()


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
    birth_commune: Words
    birth_country: Words = FRANCE
    nationality: Literal["francaise", "union_europeenne", "autre"]
    address: Address
    phone: Phone
    email: Email
    parents: Parents | None = None
    ine: Ine | None = None

    @property
    def born_abroad(self) -> bool:
        return self.birth_country.casefold() != FRANCE.casefold()

    @property
    def french(self) -> bool:
        return self.nationality == "francaise"

    @model_validator(mode="after")
    def _parents_of_those_born_abroad(self) -> Self:
        if self.born_abroad and self.parents is None:
            raise ValueError("Né à l’étranger : indiquez le nom de vos parents.")
        if not self.born_abroad and self.parents is not None:
            raise ValueError("Le nom des parents n’est demandé qu’aux personnes nées à l’étranger.")
        return self


class Sport(Part):
    """EPS: two tests, or unfit with a medical certificate."""

    fit: StrictBool
    tests: tuple[Literal["danse", "tennis_de_table", "demi_fond"], ...] = ()

    @model_validator(mode="after")
    def _two_tests(self) -> Self:
        if self.fit and (len(self.tests) != 2 or len(set(self.tests)) != 2):
            raise ValueError("Choisissez deux épreuves d’EPS différentes.")
        if not self.fit and self.tests:
            raise ValueError("Inapte : ne choisissez pas d’épreuve d’EPS.")
        return self


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


Acquis = Annotated[RetainedMark | Exemption, Field(discriminator="kind")]


class Candidature(Part):
    """*Candidature*: one speciality, EPS, options, and what need not be sat again."""

    speciality: Code
    sport: Sport
    options: Options = Options()
    acquis: Annotated[tuple[Acquis, ...], Field(max_length=20)] = ()

    @field_validator("acquis")
    @classmethod
    def _one_per_paper(cls, value: tuple[Acquis, ...]) -> tuple[Acquis, ...]:
        papers = [one.paper for one in value]
        if len(papers) != len(set(papers)):
            raise ValueError("Une épreuve ne peut avoir qu’un seul acquis.")
        return value

    @model_validator(mode="after")
    def _no_optional_sport_when_unfit(self) -> Self:
        if self.options.sport and not self.sport.fit:
            raise ValueError("Inapte en EPS : l’épreuve facultative d’EPS n’est pas possible.")
        return self


class Form(Part):
    """What one version of the registration holds."""

    modalities: Modalities
    identification: Identification
    candidature: Candidature
