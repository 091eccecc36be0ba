"""What is missing and what is wrong in a draft, told beside it: the draft is kept all the same."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.chassis.http import field_errors
from services.contracts.events import Calendar
from services.contracts.internal import DuePiece
from services.registration.domain.checklist import due_pieces
from services.registration.domain.checks import Complaint, complaints, unanswered
from services.registration.domain.drafting import TABS
from services.registration.domain.eligibility import Condition, Eligibility, assess
from services.registration.domain.form import Form
from services.registration.domain.location import located, misplaced
from services.registration.domain.places import Places
from services.registration.domain.rules import Configuration, Rules
from services.registration.domain.window import PARIS, last_day
from services.registration.domain.words import Words
from services.registration.queries import Version

_NOTHING: tuple[object, ...] = (None, "", (), [])


@dataclass(frozen=True, slots=True)
class Review:
    """`form`: what would be saved, if nothing is missing or wrong."""

    missing: tuple[Complaint, ...]
    wrong: tuple[Complaint, ...]
    form: Form | None

    def state(self, tab: str) -> str:
        """`complete`, `missing` or `wrong`: of one of the form's parts."""
        if any(one.pointer.startswith(f"/{tab}") for one in self.wrong):
            return "wrong"
        return "missing" if any(one.pointer.startswith(f"/{tab}") for one in self.missing) else "complete"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a save would say of a whole form."""

    eligibility: Eligibility
    pieces: tuple[DuePiece, ...]


def outlook(form: Form, rules: Rules, calendar: Calendar, last_day: date) -> Outlook:
    """R7 with its reasons, and the pieces that will be due. `last_day` is the window's last civil day."""
    ends_on = calendar.ends_at.astimezone(PARIS).date()
    return Outlook(assess(form, rules.eligibility, last_day, ends_on), due_pieces(form, rules, last_day))


def judged(version: Version, rules: Rules, calendar: Calendar) -> tuple[Condition, ...]:
    """R7 as it was judged when the version was saved, with what was met told apart.

    Judged again, since a version keeps the sentences alone; these stand as they are where the rules or the
    dates have changed since, and then each counts as the whole does.
    """
    found = outlook(version.form, rules, calendar, last_day(calendar.closes_at)).eligibility
    if found.reasons == version.reasons:
        return found.conditions
    return tuple(Condition(version.eligible, Words(reason)) for reason in version.reasons)


def review(content: dict[str, Any], configuration: Configuration, places: Places, last_day: date) -> Review:
    """Look at a draft as a save would. `last_day` is the window's last civil day."""
    whole = {tab: {} for tab in TABS} | content
    left = tuple(unanswered(whole["candidature"], configuration.rules))
    try:
        form = Form.model_validate(whole)
    except ValidationError as refused:
        return _told(refused, left)
    form = located(form, places)
    found = (*complaints(form, configuration, last_day), *misplaced(form, places))
    return Review(left, tuple(one for one in found if one not in left), None if found else form)


def _told(refused: ValidationError, left: tuple[Complaint, ...]) -> Review:
    missing = {one.pointer: one for one in left}
    wrong: dict[str, Complaint] = {}
    errors = refused.errors()
    for error, told in zip(errors, field_errors(errors), strict=True):
        absent = error["type"] == "missing" or error["input"] in _NOTHING
        kind = missing if absent else wrong
        kind.setdefault(told.pointer, Complaint(told.pointer, told.detail))
    return Review(tuple(missing.values()), tuple(wrong.values()), None)
