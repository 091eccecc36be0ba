"""R7 (notice §4): who may register. A declared condition that fails holds; it refuses nothing.

The three years are counted exactly: qualifying periods (last day included) are cut at the last day of the
window (ours 10), and overlaps and neighbours are merged. The whole years of each merged period count, from
a day to the eve of the same day of the calendar; the days left over are laid end to end from the first of
them and must reach what is missing in the same way. So a single period from 23 November 2017 to 22 November
2020 is three years and one that ends on the 21st is not, and three separate years are three, whatever the
leap days. A year from a 29 February reaches 1 March (code de procédure civile, art. 641).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from services.registration.domain.form import Address, Form
from services.registration.domain.modalities import Period, Preparation
from services.registration.domain.rules import EligibilityRules

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """`reasons` are French sentences, one for each condition, met or not."""

    eligible: bool
    reasons: tuple[str, ...]


def assess(form: Form, rules: EligibilityRules, last_day: date, session_ends_on: date) -> Eligibility:
    """Judge the declarations of `form`; `last_day` is the window's last civil day."""
    found = (
        _residence(form.identification.address, rules),
        _preparation(form.modalities.preparation, session_ends_on)
        if form.modalities.preparation is not None
        else _experience(form.modalities.experience, rules.experience_years, last_day),
    )
    return Eligibility(all(met for met, _ in found), tuple(reason for _, reason in found))


def _residence(address: Address, rules: EligibilityRules) -> tuple[bool, str]:
    departments = ", ".join(rules.departments)
    if address.in_france and address.postcode[:2] in rules.departments:
        return True, f"Vous habitez dans l’académie (départements {departments})."
    return False, f"Votre adresse n’est pas dans l’académie (départements {departments}) : notice, § 4."


def _preparation(preparation: Preparation, session_ends_on: date) -> tuple[bool, str]:
    if not preparation.complete:
        return False, "La préparation que vous déclarez n’est pas complète : notice, § 4."
    if preparation.ends_on > session_ends_on:
        return False, "La préparation que vous déclarez finit après la session : notice, § 4."
    return True, "Vous déclarez une préparation complète du diplôme."


def _experience(periods: Iterable[Period], years: int, last_day: date) -> tuple[bool, str]:
    if reaches(years, qualifying_spans(periods, last_day)):
        return True, f"Vous déclarez au moins {years} ans d’activité professionnelle du niveau et du domaine."
    return False, (
        "Les périodes de travail qui comptent (ouvrier qualifié au moins, domaine de la spécialité, "
        f"jusqu’à la clôture) n’atteignent pas {years} ans : notice, § 4."
    )


def qualifying_spans(periods: Iterable[Period], last_day: date) -> list[tuple[date, date]]:
    """The qualifying periods up to `last_day`, merged and in order, as (first day, day after the last)."""
    spans = sorted(
        (period.starts_on, min(period.ends_on, last_day) + _DAY)
        for period in periods
        if period.qualifies and period.starts_on <= last_day
    )
    merged: list[tuple[date, date]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def reaches(years: int, spans: list[tuple[date, date]]) -> bool:
    """Whether the spans' whole years, then their days left over end to end, make `years`."""
    found = 0
    left: list[tuple[date, date]] = []
    for start, end in spans:
        whole = _whole_years(start, end)
        found += whole
        left.append((anniversary(start, whole), end))
    if found >= years:
        return True
    days = sum((end - start for start, end in left), timedelta())
    return bool(left) and left[0][0] + days >= anniversary(left[0][0], years - found)


def _whole_years(start: date, end: date) -> int:
    whole = end.year - start.year
    return whole if anniversary(start, whole) <= end else whole - 1


def anniversary(day: date, years: int) -> date:
    """The same day `years` later; 1 March for a 29 February that does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
