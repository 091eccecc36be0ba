"""The notice and the help, from the data the rules use: dates, conditions, pieces, people are said once."""

import re
import tomllib
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from services.chassis.site.language import Language
from services.chassis.times import lasting, paris_limit, paris_minute
from services.contracts.events import Calendar
from services.registration.configuration import DATA
from services.registration.domain.rules import Configuration, Person

_LINK = re.compile(r"\[([^\]]+)\]\((/[^)\s]*)\)")


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


class Link(_Shape):
    """`words` as they stand in the answer, after the link before; `address`: a page of this site."""

    words: str
    address: str


class Question(_Shape):
    """`links` in the order of the answer, which is plain text. `id`: what other pages lead to."""

    id: str | None = None
    question: str
    answer: str
    links: tuple[Link, ...] = ()


def notice(calendar: Calendar, configuration: Configuration) -> tuple[Section, ...]:
    """The seven sections for one session."""
    data, facts = _read("notice"), _facts(calendar, configuration)
    return tuple(
        _section(number, one, data["links"], facts, configuration)
        for number, one in enumerate(data["sections"], start=1)
    )


def questions(
    calendar: Calendar,
    configuration: Configuration,
    translate: Callable[[str], str] = str,
    language: Language = "fr",
) -> tuple[Question, ...]:
    """What candidates ask, with the session's dates; in French unless `translate` gives another language."""
    facts = _facts(calendar, configuration, language)
    return tuple(
        _question(one.get("id"), translate(one["question"]), translate(one["answer"]).format_map(facts))
        for one in _read("help")["questions"]
    )


def _question(id: str | None, question: str, marked: str) -> Question:
    return Question(
        id=id,
        question=question,
        answer=_LINK.sub(r"\1", marked),
        links=tuple(Link(words=found[1], address=found[2]) for found in _LINK.finditer(marked)),
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


def _facts(calendar: Calendar, configuration: Configuration, language: Language = "fr") -> dict[str, str]:
    rules = configuration.rules
    return {
        "opens": paris_minute(calendar.opens_at, language),
        "closes": paris_limit(calendar.closes_at, language),
        "deadline": paris_limit(calendar.deadline_at, language),
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
