"""The form as a candidate saves it (domain, 'The form'): complete, coherent, and nothing more is asked.

What depends on the configuration (specialities, papers, marks, dates of the session) is in `checks`; what
may be declared and still fail R7 is in `eligibility`: a candidate who is not eligible may save.
"""

import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator

from services.registration.domain.text import Code, Day, Email, Ine, Line, Phone, Words, Year

FRANCE = "France"
MAXIMUM_PERIODS = 30


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(_Part):
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


class Parents(_Part):
    """Names of the parents, asked only of those born abroad."""

    first: Line
    second: Line | None = None


class Identification(_Part):
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


class Preparation(_Part):
    """R7: a preparation followed in a training establishment. `complete` is the candidate's declaration."""

    kind: Literal["lycee", "apprentissage", "distance", "formation_continue"]
    establishment: Line
    ends_on: Day
    complete: StrictBool


class Period(_Part):
    """One period of work, first and last day included."""

    employer: Line
    job: Line
    starts_on: Day
    ends_on: Day
    qualified_level: StrictBool
    related_field: StrictBool

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("La fin de cette période précède son début.")
        return self

    @property
    def qualifies(self) -> bool:
        """R7: at least the level of a qualified worker, in a field related to the speciality."""
        return self.qualified_level and self.related_field


class Handicap(_Part):
    """R8. `existing`: an arrangement was granted; `requested`: a new request, made on a site apart."""

    declared: StrictBool = False
    existing: StrictBool = False
    requested: StrictBool = False

    @model_validator(mode="after")
    def _details_of_a_yes(self) -> Self:
        if self.declared != (self.existing or self.requested):
            raise ValueError(
                "Si vous répondez OUI, dites si l’aménagement existe déjà ou s’il est demandé ; "
                "si vous répondez NON, ne cochez rien."
            )
        return self


class Modalities(_Part):
    """*Modalités*: how the candidate sits the exam, and by which route of R7."""

    form: Literal["globale", "progressive"]
    route: Literal["preparation", "experience"]
    preparation: Preparation | None = None
    experience: Annotated[tuple[Period, ...], Field(max_length=MAXIMUM_PERIODS)] = ()
    handicap: Handicap = Handicap()

    @model_validator(mode="after")
    def _only_the_chosen_route(self) -> Self:
        if self.route == "preparation" and self.preparation is None:
            raise ValueError("Décrivez la préparation suivie.")
        if self.route == "experience" and not self.experience:
            raise ValueError("Indiquez au moins une période de travail.")
        if self.route == "preparation" and self.experience:
            raise ValueError("Vous avez choisi la préparation : n’indiquez pas de période de travail.")
        if self.route == "experience" and self.preparation is not None:
            raise ValueError("Vous avez choisi l’expérience : n’indiquez pas de préparation.")
        return self


class Sport(_Part):
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


class Options(_Part):
    """Optional papers: a language, the mobility evaluation, EPS."""

    language: Words | None = None
    mobility: StrictBool = False
    sport: StrictBool = False


class RetainedMark(_Part):
    """R9: *bénéfice de note* on one paper, the mark over 20."""

    kind: Literal["note"]
    paper: Code
    mark: Annotated[Decimal, Field(ge=0, le=20, max_digits=4, decimal_places=2)]
    year: Year


class Exemption(_Part):
    """R9: *dispense* of one paper, by a title held."""

    kind: Literal["dispense"]
    paper: Code
    title: Line


Acquis = Annotated[RetainedMark | Exemption, Field(discriminator="kind")]


class Candidature(_Part):
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


class Form(_Part):
    """What one version of the registration holds."""

    modalities: Modalities
    identification: Identification
    candidature: Candidature
