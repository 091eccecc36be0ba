"""The notice and the help, from the data the rules use: dates, conditions, pieces, people are said once."""

import tomllib
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.chassis.times import lasting, paris_limit, paris_minute
from services.contracts.events import Calendar
from services.registration.configuration import DATA
from services.registration.domain.rules import Configuration, Person


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class NoticePiece(_Shape):
    title: str
    reason: str


class Section(_Shape):
    """One of the seven; `pieces`, `people` and `links` where it has them."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    pieces: tuple[NoticePiece, ...] = ()
    people: tuple[Person, ...] = ()
    links: tuple[str, ...] = ()


class Question(_Shape):
    question: str
    answer: str


def notice(calendar: Calendar, configuration: Configuration) -> tuple[Section, ...]:
    """The seven sections for one session."""
    data, facts = _read("notice"), _facts(calendar, configuration)
    return tuple(
        _section(number, one, data["links"], facts, configuration)
        for number, one in enumerate(data["sections"], start=1)
    )


def questions(calendar: Calendar, configuration: Configuration) -> tuple[Question, ...]:
    """What candidates ask, with the session's dates."""
    facts = _facts(calendar, configuration)
    return tuple(
        Question(question=one["question"], answer=one["answer"].format_map(facts))
        for one in _read("help")["questions"]
    )


def _section(
    number: int,
    one: dict[str, Any],
    links: dict[str, str],
    facts: dict[str, str],
    configuration: Configuration,
) -> Section:
    rules, listed = configuration.rules, one.get("list")
    return Section(
        number=number,
        title=one["title"],
        paragraphs=tuple(text.format_map(facts) for text in one["paragraphs"]),
        pieces=tuple(
            NoticePiece(title=rules.text(piece.title), reason=rules.text(piece.reason))
            for piece in (rules.pieces if listed == "pieces" else ())
        ),
        people=configuration.office.people if listed == "office" else (),
        links=tuple(links[name] for name in one.get("links", ())),
    )


def _facts(calendar: Calendar, configuration: Configuration) -> dict[str, str]:
    rules = configuration.rules
    return {
        "opens": paris_minute(calendar.opens_at),
        "closes": paris_limit(calendar.closes_at),
        "deadline": paris_limit(calendar.deadline_at),
        "activation": lasting(calendar.activation_seconds),
        "departments": ", ".join(rules.eligibility.departments),
        "experience_years": str(rules.eligibility.experience_years),
        "minimum_mark": str(rules.acquis.minimum_mark),
        "mark_years": str(rules.acquis.years),
    }


@cache
def _read(name: Literal["notice", "help"]) -> dict[str, Any]:
    with (DATA / f"{name}.toml").open("rb") as stream:
        return tomllib.load(stream)
