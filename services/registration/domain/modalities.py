"""*Modalités*: how the candidate sits the exam, by which route of R7, and with which arrangements (R8)."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from services.registration.domain.text import Day, Line, Part

MAXIMUM_PERIODS = 30


class Preparation(Part):
    """R7: a preparation followed in a training establishment. `complete` is the candidate's declaration."""

    kind: Literal["lycee", "apprentissage", "distance", "formation_continue"]
    establishment: Line
    ends_on: Day
    complete: StrictBool


class Period(Part):
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


class Handicap(Part):
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


class Modalities(Part):
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
