"""Which pieces this candidate must give, each with its reason (domain, 'Pieces and why they are asked').

The age for the journée défense et citoyenneté is that on the window's last day: the same for all, and no
change is taken after it.
"""

from collections.abc import Callable
from datetime import date

from services.contracts.internal import DuePiece
from services.registration.domain.form import Form
from services.registration.domain.rules import Condition, NationalServiceRules, Rules


def due_pieces(form: Form, rules: Rules, last_day: date) -> tuple[DuePiece, ...]:
    """The pieces due, in the order of the rules; `last_day` is the window's last civil day."""
    return tuple(
        DuePiece(
            piece=rule.id,
            title=rules.text(rule.title),
            reason=rules.text(rule.reason),
            confirmation=rule.confirmation,
            example=rules.text(rule.example),
        )
        for rule in rules.pieces
        if _CONDITIONS[rule.condition](form, rules, last_day)
    )


def age_on(birth_date: date, day: date) -> int:
    """Whole years."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def _national_service(form: Form, rules: NationalServiceRules, last_day: date) -> bool:
    age = age_on(form.identification.birth_date, last_day)
    return form.identification.french and rules.minimum_age <= age <= rules.maximum_age


_CONDITIONS: dict[Condition, Callable[[Form, Rules, date], bool]] = {
    "always": lambda form, rules, day: True,
    "national_service": lambda form, rules, day: _national_service(form, rules.national_service, day),
    "preparation": lambda form, rules, day: form.modalities.route == "preparation",
    "experience": lambda form, rules, day: form.modalities.route == "experience",
    "existing_arrangement": lambda form, rules, day: form.modalities.handicap.existing,
    "acquis": lambda form, rules, day: bool(form.candidature.acquis),
    "unfit_for_sport": lambda form, rules, day: form.candidature.unfit,
}
