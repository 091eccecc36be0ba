"""What lives fill in: forms and passwords. Each save has a telephone number by which it is known again."""

from typing import Any


def mark_of(life: int, save: int) -> str:
    """The telephone number of a life's n-th save: fictitious numbers (ARCEP), none twice in a round."""
    number = f"{(life % 100) * 100 + save % 100:04}"
    return f"063998{number}"


def form(life: int, email: str, mark: str, *, ineligible: bool, acquis: bool) -> dict[str, Any]:
    """A whole form, eligible by preparation; an ineligible one declares that it is not complete (R7)."""
    candidature: dict[str, Any] = {
        "speciality": "assp-structure",
        "sport": {"fit": True, "tests": ["danse", "demi_fond"]},
        "options": {"language": "italien"},
    }
    if acquis:
        candidature["acquis"] = [{"kind": "dispense", "paper": "E5", "title": "Baccalauréat général"}]
    return {
        "modalities": {
            "form": "globale",
            "route": "preparation",
            "preparation": {
                "kind": "distance",
                "establishment": "CNED",
                "ends_on": "2020-06-30",
                "complete": not ineligible,
            },
            "handicap": {"declared": False},
        },
        "identification": {
            "birth_name": "Témoin",
            "forenames": "Camille",
            "sex": "F",
            "birth_date": "1994-05-17",
            "birth_commune": "Aubagne",
            "nationality": "francaise",
            "address": {"lines": [f"{life + 1} rue des Lilas"], "postcode": "13400", "commune": "Aubagne"},
            "phone": mark,
            "email": email,
        },
        "candidature": candidature,
    }


def password_of(seed: int, life: int, resets: int = 0) -> str:
    """A life's password; after a reset it is another."""
    return f"chaque jour une page, {seed} fois {life}" + ", et une de plus" * resets
