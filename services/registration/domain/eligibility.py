"""R7 (notice §4): who may register. A declared condition that fails holds; it refuses nothing.

How the years of work are counted is in `experience`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.registration.domain.experience import reckon
from services.registration.domain.form import Address, Form
from services.registration.domain.modalities import Period, Preparation
from services.registration.domain.rules import EligibilityRules
from services.registration.domain.words import Words

RESIDENCE = (
    "Vous habitez dans l’académie (départements %(departments)s).",
    "Votre adresse n’est pas dans l’académie (départements %(departments)s). "
    "Il faut y habiter (notice, § 4).",
)
PREPARATION = (
    "Vous déclarez une préparation complète du diplôme.",
    "Vous déclarez une préparation incomplète. Elle doit être complète (notice, § 4).",
    "La préparation que vous déclarez finit après la session. Un gestionnaire décidera si elle peut compter.",
)
EXPERIENCE = (
    "Vous déclarez au moins %(years)s ans d’activité professionnelle du niveau et du domaine : %(total)s.",
    "Les périodes de travail qui comptent (ouvrier qualifié au moins, domaine de la spécialité, jusqu’à la "
    "clôture) n’atteignent pas les %(years)s ans demandés (notice, § 4). Elles font %(total)s : il manque "
    "%(missing)s.",
)
WORDS = (*RESIDENCE, *PREPARATION, *EXPERIENCE)
"""Every text there is here, for the test of the catalogue."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of R7’s, and the sentence that says whether and why it is met."""

    met: bool
    said: Words


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Every condition that was judged, met or not."""

    conditions: tuple[Condition, ...]

    @property
    def eligible(self) -> bool:
        return all(one.met for one in self.conditions)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The conditions in French, as a version keeps them."""
        return tuple(str(one.said) for one in self.conditions)


def assess(form: Form, rules: EligibilityRules, last_day: date, session_ends_on: date) -> Eligibility:
    """Judge the declarations of `form`; `last_day` is the window's last civil day."""
    return Eligibility(
        (
            residence(form.identification.address, rules),
            preparation(form.modalities.preparation, session_ends_on)
            if form.modalities.preparation is not None
            else _experience(form.modalities.experience, rules.experience_years, last_day),
        )
    )


def residence(address: Address, rules: EligibilityRules) -> Condition:
    """Whether the address is in the académie."""
    met = address.department in rules.departments
    return Condition(met, Words(RESIDENCE[0 if met else 1], {"departments": ", ".join(rules.departments)}))


def preparation(followed: Preparation, session_ends_on: date) -> Condition:
    """Whether the preparation is enough."""
    enough, incomplete, too_late = PREPARATION
    if not followed.complete:
        return Condition(False, Words(incomplete))
    if followed.ends_on > session_ends_on:
        return Condition(False, Words(too_late))
    return Condition(True, Words(enough))


def _experience(periods: Sequence[Period], years: int, last_day: date) -> Condition:
    found = reckon(periods, years, last_day)
    enough, short = EXPERIENCE
    if found.reached:
        return Condition(True, Words(enough, {"years": years, "total": found.total.said}))
    return Condition(
        False,
        Words(short, {"years": years, "total": found.total.said, "missing": found.missing.said}),
    )
