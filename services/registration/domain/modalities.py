"""*Modalités*: how the candidate sits the exam, by which route of R7, and with which arrangements (R8)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StrictBool, ValidationInfo, field_validator

from services.registration.domain.text import Day, Line, Part

MAXIMUM_PERIODS = 30


class Preparation(Part):
    """R7: a preparation followed in a training establishment. `complete` is the candidate's declaration."""

    kind: Literal["lycee", "apprentissage", "distance", "formation_continue"]
    establishment: Line
    ends_on: Day
    complete: StrictBool


class Period(Part):
    """One period of work, first and last day included; no last day: the work goes on."""

    employer: Line
    job: Line
    starts_on: Day
    ends_on: Day | None
    qualified_level: StrictBool
    related_field: StrictBool

    @field_validator("ends_on")
    @classmethod
    def _in_order(cls, value: date | None, others: ValidationInfo) -> date | None:
        starts_on = others.data.get("starts_on")
        if value is not None and starts_on is not None and value < starts_on:
            raise ValueError("La fin de cette période précède son début.")
        return value

    @property
    def qualifies(self) -> bool:
        """R7: at least the level of a qualified worker, in a field related to the speciality."""
        return self.qualified_level and self.related_field


class Handicap(Part):
    """R8. `existing`: an arrangement was granted; `requested`: a new request, made on a site apart."""

    declared: StrictBool = False
    existing: StrictBool = False
    requested: StrictBool = Field(default=False, validate_default=True)

    @field_validator("existing", "requested")
    @classmethod
    def _nothing_after_a_no(cls, value: bool, others: ValidationInfo) -> bool:
        if value and others.data.get("declared") is False:
            raise ValueError("Vous répondez NON : ne cochez rien.")
        return value

    @field_validator("requested")
    @classmethod
    def _details_of_a_yes(cls, value: bool, others: ValidationInfo) -> bool:
        if others.data.get("declared") is True and others.data.get("existing") is False and not value:
            raise ValueError("Vous répondez OUI : dites si l’aménagement existe déjà, ou s’il est demandé.")
        return value


class Modalities(Part):
    """*Modalités*: how the candidate sits the exam, and by which route of R7."""

    form: Literal["globale", "progressive"]
    route: Literal["preparation", "experience"]
    preparation: Preparation | None = Field(default=None, validate_default=True)
    experience: Annotated[tuple[Period, ...], Field(max_length=MAXIMUM_PERIODS, validate_default=True)] = ()
    handicap: Handicap = Handicap()

    @field_validator("preparation")
    @classmethod
    def _preparation_of_its_route(
        cls, value: Preparation | None, others: ValidationInfo
    ) -> Preparation | None:
        route = others.data.get("route")
        if route == "preparation" and value is None:
            raise ValueError("Décrivez la préparation suivie.")
        if route == "experience" and value is not None:
            raise ValueError("Vous avez choisi l’expérience : n’indiquez pas de préparation.")
        return value

    @field_validator("experience")
    @classmethod
    def _experience_of_its_route(
        cls, value: tuple[Period, ...], others: ValidationInfo
    ) -> tuple[Period, ...]:
        route = others.data.get("route")
        if route == "experience" and not value:
            raise ValueError("Indiquez au moins une période de travail.")
        if route == "preparation" and value:
            raise ValueError("Vous avez choisi la préparation : n’indiquez pas de période de travail.")
        return value
