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


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`reasons` are French sentences, one for each condition, met or not."""

    eligible: bool
    reasons: tuple[str, ...]


def assess(form: Form, rules: EligibilityRules, last_day: date, session_ends_on: date) -> Eligibility:
    """Judge the declarations of `form`; `last_day` is the window's last civil day."""
    found = (
        residence(form.identification.address, rules),
        preparation(form.modalities.preparation, session_ends_on)
        if form.modalities.preparation is not None
        else _experience(form.modalities.experience, rules.experience_years, last_day),
    )
    return Eligibility(all(met for met, _ in found), tuple(reason for _, reason in found))


def residence(address: Address, rules: EligibilityRules) -> tuple[bool, str]:
    """Whether the address is in the académie, and the sentence that says so."""
    departments = ", ".join(rules.departments)
    if address.department in rules.departments:
        return True, f"Vous habitez dans l’académie (départements {departments})."
    return False, f"Votre adresse n’est pas dans l’académie (départements {departments}) : notice, § 4."


def preparation(followed: Preparation, session_ends_on: date) -> tuple[bool, str]:
    """Whether the preparation is enough, and the sentence that says so."""
    if not followed.complete:
        return False, "La préparation que vous déclarez n’est pas complète : notice, § 4."
    if followed.ends_on > session_ends_on:
        return False, "La préparation que vous déclarez finit après la session : notice, § 4."
    return True, "Vous déclarez une préparation complète du diplôme."


def _experience(periods: Sequence[Period], years: int, last_day: date) -> tuple[bool, str]:
    found = reckon(periods, years, last_day)
    if found.reached:
        return True, (
            f"Vous déclarez au moins {years} ans d’activité professionnelle du niveau et du domaine : "
            f"{found.total.text}."
        )
    return False, (
        "Les périodes de travail qui comptent (ouvrier qualifié au moins, domaine de la spécialité, "
        f"jusqu’à la clôture) n’atteignent pas {years} ans : {found.total.text}, il manque "
        f"{found.missing_days} jour{'s' if found.missing_days > 1 else ''} : notice, § 4."
    )
