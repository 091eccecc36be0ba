"""The words of a mail: one French template a kind, written twice, as text and as HTML.

A letter is written with the parts of `templates/text/parts` or `templates/html/parts`, so both say the same;
and with those of `templates/page/parts` when it is read again on the site, whose pages have no inline style.
An undefined name is an error: a mail with a hole never leaves.
"""

import re
import textwrap
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.chassis.office import Office
from services.chassis.times import paris_date, paris_limit, paris_minute
from services.chassis.typography import unbroken
from services.contracts.stages import Stage
from services.notifications.domain import Content, Facts, deadline_to_show, is_over
from services.notifications.kinds import Kind

_TEMPLATES = Path(__file__).parent / "templates"
_TEXT_WIDTH = 74


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF that goes with a letter."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A letter's words for who reads it on the site."""

    text: str
    html: Markup


class Writer:
    """Writes letters for one office and one site."""

    def __init__(self, office: Office, site: str) -> None:
        self._office = office
        self._site = site.rstrip("/")
        self._text = _environment("text", html=False)
        self._html = _environment("html", html=True)
        self._page = _environment("page", html=True)

    def write(self, kind: Kind, facts: Facts, content: Content, now: datetime) -> Letter:
        """The letter of `kind`.

        Raises:
            jinja2.UndefinedError: the template names what this kind does not fetch: a defect.
        """
        attachment = None if _is_over(facts, content, now) else _attachment(facts, content)
        values = self._values(kind, facts, content, now, attachment)
        text = self._text.get_template(_file(kind)).render(values)
        html = self._html.get_template(_file(kind)).render(values)
        return Letter(values["subject"], _blank_lines(text), html, attachment)

    def repeat(self, kind: Kind, facts: Facts, content: Content, now: datetime) -> Words:
        """The words of such a letter, by what its content is now; nothing goes with them.

        Raises:
            jinja2.UndefinedError: see `write`; and for a kind that carries a secret link.
        """
        values = self._values(kind, facts, content, now, None)
        text = self._text.get_template(_file(kind)).render(values)
        return Words(_blank_lines(text), Markup(self._page.get_template(_file(kind)).render(values)))

    def _values(
        self, kind: Kind, facts: Facts, content: Content, now: datetime, attachment: Attachment | None
    ) -> dict[str, Any]:
        over = _is_over(facts, content, now)
        return {
            "attachment": attachment.name if attachment else None,
            "over": over,
            "subject": kind.subject_for(facts, late=over),
            "office": self._office,
            "site": self._site,
            "facts": facts,
            "now": now,
            "deadline": deadline_to_show(facts, content.standing, now),
            "closes_at": _closes_at(content),
            "activation_period": duration(content.calendar.activation_seconds) if content.calendar else None,
            "link": content.link,
            "standing": content.standing,
            "missing": content.missing,
            "refusal": content.refusal,
            "calendar": content.calendar,
            "Stage": Stage,
        }


def _file(kind: Kind) -> str:
    return f"{kind.name}.jinja"


def _is_over(facts: Facts, content: Content, now: datetime) -> bool:
    return is_over(content.standing, deadline_to_show(facts, content.standing, now), now)


def _attachment(facts: Facts, content: Content) -> Attachment | None:
    if content.confirmation is None:
        return None
    return Attachment(f"confirmation-inscription-v{facts.version}.pdf", content.confirmation)


def duration(seconds: int) -> str:
    """« 48 h », « 5 minutes », « 20 secondes »."""
    for unit, size in (("h", 3600), ("minutes", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} secondes"


def _closes_at(content: Content) -> datetime | None:
    if content.standing is not None:
        return content.standing.closes_at
    return content.calendar.closes_at if content.calendar else None


def _environment(target: str, *, html: bool) -> Environment:
    env = Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(_TEMPLATES / "letters"), FileSystemLoader(_TEMPLATES / target)]
        ),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "flow": _flow_html if html else _flow_text,
        "item": _flow_html if html else _item_text,
        "paris_minute": paris_minute,
        "paris_date": paris_date,
        "paris_limit": paris_limit,
    }
    return env


def _spaced(words: str) -> str:
    """One space between words, unbreakable where French wants it."""
    return unbroken(re.sub(r"[ \t\n]+", " ", words).strip(" "))


def _flow_text(words: str, indent: str = "") -> str:
    return textwrap.fill(
        _spaced(words),
        _TEXT_WIDTH,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _item_text(words: str, mark: str) -> str:
    return _flow_text(words, indent=f"{mark} ")


def _flow_html(words: str, *_: str) -> Markup:
    escaped = words if isinstance(words, Markup) else Markup.escape(words)
    return Markup(_spaced(str(escaped)))


def _blank_lines(text: str) -> str:
    """Never two blank lines in a row, none at the ends."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
