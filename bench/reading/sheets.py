"""Confirmations to print: of an ordinary form, of a long one, and of the longest that the form takes."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

from deploy.demo.forms import valid_form
from services.chassis.office import DEFAULT_FILE as OFFICE
from services.contracts.stages import Stage
from services.registration.configuration import DATA, calendar, configuration
from services.registration.domain.checklist import due_pieces
from services.registration.domain.eligibility import assess
from services.registration.domain.form import Form
from services.registration.domain.window import last_day
from services.registration.queries import Version
from services.registration.sheet import Sheet

CONFIGURATION = configuration(DATA / "rules.toml", DATA / "specialities.toml", OFFICE)
CALENDAR = calendar(DATA / "session-2021.toml")
SAVED = datetime(2020, 11, 12, 9, tzinfo=UTC)


def code_of(candidate: str, version: int) -> str:
    """A code like those of registration, the same each time."""
    digest = hashlib.sha256(f"{candidate} {version}".encode()).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=")


def sheet(form: dict[str, Any], candidate: str = "a", version: int = 1, latest: int = 1) -> Sheet:
    """What the confirmation of a form is drawn from."""
    filled = Form.model_validate(form)
    day = last_day(CALENDAR.closes_at)
    judged = assess(filled, CONFIGURATION.rules.eligibility, day, CALENDAR.ends_at.date())
    return Sheet(
        version=Version(
            version=version,
            form=filled,
            arrived_at=SAVED,
            saved_at=SAVED,
            code=code_of(candidate, version),
            eligible=judged.eligible,
            reasons=judged.reasons,
            checklist=due_pieces(filled, CONFIGURATION.rules, day),
        ),
        latest=latest,
        stage=Stage.REGISTERED,
        calendar=CALENDAR,
        closes_at=CALENDAR.closes_at,
        deadline_at=CALENDAR.deadline_at,
        configuration=CONFIGURATION,
    )


def ordinary() -> dict[str, Any]:
    return valid_form()


def long_form(periods: int = 8, letters: int = 30) -> dict[str, Any]:
    """All that may be asked, with that many periods of work, and texts of that length."""
    words, line = _text(min(letters, 80)), _text(min(letters, 160))
    form = valid_form()
    form["identification"] |= {
        "birth_name": words,
        "usage_name": words,
        "forenames": line,
        "birth_commune": words,
        "birth_country": words,
        "nationality": "francaise",
        "birth_date": "2000-05-17",
        "address": {"lines": [line] * 3, "postcode": "13400", "commune": words},
        "parents": {"first": line, "second": line},
        "email": f"{'m' * min(letters, 60)}@{'exemple.' * max(1, min(letters, 160) // 8)}test",
        "ine": "0123456789A",
    }
    form["modalities"] = {
        "form": "progressive",
        "route": "experience",
        "experience": [
            {
                "employer": line,
                "job": line,
                "starts_on": f"{1990 + number}-01-01",
                "ends_on": f"{1990 + number}-12-31",
                "qualified_level": True,
                "related_field": True,
            }
            for number in range(periods)
        ],
        "handicap": {"declared": True, "existing": True, "requested": True},
    }
    form["candidature"] |= {
        "sport": {"fit": False},
        "options": {"language": words, "mobility": True},
        "acquis": [
            {"kind": "dispense", "paper": paper.id, "title": line} for paper in CONFIGURATION.rules.papers
        ],
    }
    return form


def longest() -> dict[str, Any]:
    """As long as every field of the form may be."""
    return long_form(periods=30, letters=160)


def _text(letters: int) -> str:
    return ("Établissement des métiers du bâtiment et de la construction " * 3)[:letters].strip()
