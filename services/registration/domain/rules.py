"""The shape of the configuration: rules, specialities, office. The files: services/registration/data."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, model_validator

from services.registration.domain.places import plain

Condition = Literal[
    "always",
    "national_service",
    "preparation",
    "experience",
    "existing_arrangement",
    "acquis",
    "unfit_for_sport",
]
Subject = Literal["speciality", "general", "sport"]
Spared = Literal["sport", "options/language", "options/mobility", "options/sport"]
"""An answer of the candidature, by its path there."""


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EligibilityRules(_Data):
    departments: tuple[str, ...]
    experience_years: int = Field(gt=0)


class NationalServiceRules(_Data):
    minimum_age: int
    maximum_age: int


class AcquisRules(_Data):
    minimum_mark: int = Field(ge=0, le=20)
    years: int = Field(gt=0)


class DeadlineRules(_Data):
    earliest_notice_days: int = Field(ge=0)


class AppealRules(_Data):
    """The *recours gracieux* against a cancellation (ours 11): months from its message."""

    months: int = Field(ge=1)


class RoutingRules(_Data):
    """Portfolios asked by subject, whatever the speciality (R11, ours)."""

    general: int
    sport: int


class PieceRule(_Data):
    """A piece, opaque to other services: its id, what it is, why it is asked and when."""

    id: str
    title: str
    reason: str
    condition: Condition
    confirmation: bool = False
    example: str = ""


class Paper(_Data):
    """`spares`: the answer that is not asked of who keeps an acquis for it, and so does not sit it."""

    id: str
    title: str
    spares: Spared | None = None


class Rules(_Data):
    """Everything another académie or exam would change. Braces in pieces' texts name entries of `texts`, or
    figures of the rules: a figure stands once, where it is judged by.
    """

    eligibility: EligibilityRules
    national_service: NationalServiceRules
    acquis: AcquisRules
    deadline: DeadlineRules
    appeal: AppealRules
    routing: RoutingRules
    texts: dict[str, str | int] = {}
    pieces: tuple[PieceRule, ...]
    papers: tuple[Paper, ...]

    @model_validator(mode="after")
    def _one_confirmation(self) -> "Rules":
        if [rule.condition for rule in self.pieces if rule.confirmation] != ["always"]:
            raise ValueError("exactly one piece is the signed confirmation, and it is always due")
        if len({rule.id for rule in self.pieces}) != len(self.pieces):
            raise ValueError("two pieces have the same id")
        return self

    @model_validator(mode="after")
    def _texts_are_known(self) -> "Rules":
        for rule in self.pieces:
            self.text(rule.title)
            self.text(rule.reason)
            self.text(rule.example)
        return self

    @model_validator(mode="after")
    def _figures_are_told_once(self) -> "Rules":
        if twice := self.texts.keys() & self._figures.keys():
            raise ValueError(f"[texts] says again {', '.join(sorted(twice))}")
        return self

    @property
    def _figures(self) -> dict[str, int]:
        return {
            "experience_years": self.eligibility.experience_years,
            "minimum_age": self.national_service.minimum_age,
            "maximum_age": self.national_service.maximum_age,
        }

    def text(self, template: str) -> str:
        try:
            return template.format_map(self.texts | self._figures)
        except KeyError as missing:
            raise ValueError(f"[texts] lacks {missing.args[0]}") from None

    def paper(self, paper_id: str) -> Paper | None:
        return next((paper for paper in self.papers if paper.id == paper_id), None)

    def spared(self, kept: Iterable[object]) -> frozenset[Spared]:
        """What is not asked of who keeps an acquis for the papers of these ids."""
        ids = set(map(str, kept))
        return frozenset(paper.spares for paper in self.papers if paper.spares and paper.id in ids)


class Speciality(_Data):
    """A diploma’s speciality; no portfolio: the head of the office handles it."""

    id: str
    title: str
    family: str
    portfolio: int | None = None


class Person(_Data):
    role: Literal["head", "deputy", "officer"]
    name: str
    email: EmailStr
    phone: str
    portfolio: int | None = None
    covers: str | None = None


class Office(_Data):
    """The exams office, known to everybody without login (R11)."""

    name: str
    division: str
    academy: str
    address: tuple[str, ...]
    email: EmailStr
    phone: str
    data_protection: EmailStr
    people: Annotated[tuple[Person, ...], Field(min_length=1)]

    def person_for(self, portfolio: int | None) -> Person:
        """Who answers for a portfolio; no match: the head of the office (R11, ours)."""
        for person in self.people:
            if portfolio is not None and person.portfolio == portfolio:
                return person
        return next(person for person in self.people if person.role == "head")


class Configuration(_Data):
    """All of it, as one value."""

    rules: Rules
    specialities: tuple[Speciality, ...]
    office: Office

    @model_validator(mode="after")
    def _one_of_each(self) -> "Configuration":
        if len({one.id for one in self.specialities}) != len(self.specialities):
            raise ValueError("two specialities have the same id")
        return self

    def speciality(self, speciality_id: str) -> Speciality | None:
        return next((one for one in self.specialities if one.id == speciality_id), None)

    @property
    def listed(self) -> tuple[Speciality, ...]:
        """The specialities in the order of a French dictionary: « Étude » before « Façonnage »."""
        return tuple(sorted(self.specialities, key=lambda one: plain(one.title)))

    def person_about(self, subject: Subject, speciality_id: str | None = None) -> Person:
        """Who answers a question: by speciality, except the general subjects and EPS (R11, ours)."""
        match subject:
            case "general":
                return self.office.person_for(self.rules.routing.general)
            case "sport":
                return self.office.person_for(self.rules.routing.sport)
            case "speciality":
                speciality = self.speciality(speciality_id) if speciality_id is not None else None
                return self.office.person_for(speciality.portfolio if speciality else None)
