"""What the pages of this service share: their templates, and how a refusal of a command is told in a form."""

from pathlib import Path

from starlette.responses import HTMLResponse

from services.accounts.domain.errors import (
    AccountsError,
    TooManyTries,
    WrongCredentials,
)
from services.accounts.problems import problem_of
from services.chassis.rendering import environment, page
from services.chassis.site.form import Form

PAGES = environment(Path(__file__).parents[1] / "templates")
LONGEST_PASSWORD = 1024
"""Of what is typed; longer is refused before anything is computed."""


def told(french: str) -> str:
    """In the reader's language, for words that Python chooses."""
    translate = PAGES.filters["translated"]
    return str(translate(french))


def shown(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of this service. None is for search engines: an address may hold a secret link."""
    response = page(PAGES, name, status, **values)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def refuse(form: Form, error: AccountsError, field: str | None = None) -> None:
    """At the field that the problem points at; others concern the form as a whole."""
    errors = problem_of(error).errors
    pointed = errors[0].pointer.strip("/") if errors else ""
    form.refuse(pointed if field is None else field, sentence(error))


def again(name: str, form: Form, error: AccountsError | None = None, **values: object) -> HTMLResponse:
    """The form once more, with what was typed and what is wrong; `error` gives the status and headers."""
    problem = None if error is None else problem_of(error)
    # A 401 would ask for a scheme of HTTP's own (RFC 9110 §15.5.2); a form that is wrong is a 422.
    status = 422 if problem is None or problem.status == 401 else problem.status
    response = shown(name, status, form=form, **values)
    response.headers.update(problem.headers if problem else {})
    return response


def sentence(error: AccountsError) -> str:
    """What a refusal says, in the reader's language."""
    if isinstance(error, TooManyTries):
        minutes = -(-error.retry_after_seconds // 60)
        if minutes == 1:
            return told("Trop de demandes en peu de temps. Réessayez dans 1 minute.")
        return told("Trop de demandes en peu de temps. Réessayez dans %(minutes)s minutes.") % {
            "minutes": minutes
        }
    if isinstance(error, WrongCredentials):  # what to do is below, as links
        return told("Adresse e-mail ou mot de passe incorrect, ou compte pas encore activé.")
    problem = problem_of(error)
    return told(problem.errors[0].detail if problem.errors else problem.detail)
