"""`candidat-libre officer …`: an officer's acts through the public API, each with its reason.

The token of an officer's session comes from `CANDIDAT_LIBRE_OFFICER_TOKEN`; on the local stack, without
it, the command logs in at the local identity provider as `--as SUB` (see `.local/addresses.json`).

Exit codes: 0 done, 1 refused (by the service or because what was typed cannot be read), 2 nobody answers.
"""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import httpx
import typer
from rich.console import Console

from deploy.cli.officer_api import Office, ask
from deploy.cli.officer_candidature import show_candidature, show_doubts, show_late_doubts, show_session
from deploy.cli.officer_input import candidate_id, confirm, instant, limit, message_id
from deploy.cli.officer_mails import show_undelivered
from deploy.cli.officer_pieces import show_flagged, show_piece
from deploy.cli.officer_settling import show_settling

app = typer.Typer(
    no_args_is_help=True,
    help="Les actes d’un gestionnaire, chacun avec son motif.",
    add_completion=False,
)
_console = Console()

Context = typer.Context
Candidate = Annotated[
    UUID, typer.Argument(help="identifiant du candidat", parser=candidate_id, metavar="CANDIDAT")
]
Piece = Annotated[str, typer.Argument(help="identifiant de la pièce, donné par « show »", metavar="PIECE")]
Message = Annotated[
    UUID,
    typer.Argument(help="identifiant du message, donné par « show »", parser=message_id, metavar="MESSAGE"),
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="le motif, gardé au dossier", metavar="TEXTE")]
_To = typer.Option(
    "--to",
    help="nouvelle échéance, heure de Paris : AAAA-MM-JJ (toute la journée compte) ou AAAA-MM-JJTHH:MM",
    parser=limit,
    metavar="DATE",
)
To = Annotated[datetime, _To]
Until = Annotated[
    datetime,
    typer.Option("--until", help="jusqu’à quand enregistrer, comme « --to »", parser=limit, metavar="DATE"),
]
_SPAN = "heure de Paris : AAAA-MM-JJTHH:MM"
ToIfAny = Annotated[datetime | None, _To]


@app.callback()
def choose(
    context: Context,
    addresses: Annotated[Path, typer.Option(help="fichier des adresses écrit par la pile locale")] = Path(
        ".local/addresses.json"
    ),
    subject: Annotated[
        str | None, typer.Option("--as", help="gestionnaire de la pile locale à prendre (sub)")
    ] = None,
) -> None:
    context.obj = Office(addresses, subject)


@app.command()
def show(context: Context, candidate: Candidate) -> None:
    """Le dossier d’un candidat : candidature et journal, pièces, messages."""
    paths = {
        "registration": f"/api/registration/candidatures/{candidate}",
        "documents": f"/api/documents/candidates/{candidate}",
        "notifications": f"/api/notifications/candidates/{candidate}",
    }
    found = {part: _call(context, "GET", path) for part, path in paths.items()}
    show_undelivered(found["notifications"])
    _print(found)


@app.command()
def accept(context: Context, candidate: Candidate, piece: Piece, reason: Reason) -> None:
    """Accepter une pièce."""
    _review(context, candidate, piece, "acceptance", reason)


@app.command("refuse")
def refuse_piece(context: Context, candidate: Candidate, piece: Piece, reason: Reason) -> None:
    """Refuser une pièce ; près de l’échéance, le candidat reçoit un délai à lui."""
    _review(context, candidate, piece, "refusal", reason)


@app.command()
def flagged(
    context: Context,
    portfolio: Annotated[
        list[int] | None,
        typer.Option(help="de ce portefeuille (à répéter) ; par défaut, des siens, ou de tous", metavar="N"),
    ] = None,
    session: Annotated[str | None, typer.Option(help="de cette session", metavar="SESSION")] = None,
) -> None:
    """Les fichiers à regarder : leur lecture a laissé un doute, ou l’on y a écrit au stylo rouge."""
    asked: dict[str, Any] = {"portfolio": portfolio or [], **({"session": session} if session else {})}
    files: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = httpx.QueryParams(asked | ({"after": after} if after else {}))
        found = _call(context, "GET", f"/api/documents/flagged-files?{query}")
        files += found["files"]
        if not (after := found["after"]):
            break
    show_flagged(files)
    _print(files)


@app.command()
def hold(context: Context, candidate: Candidate, reason: Reason) -> None:
    """Mettre une candidature en attente."""
    _act(context, candidate, "hold", reason)


@app.command()
def release(
    context: Context,
    candidate: Candidate,
    reason: Reason,
    to: ToIfAny = None,
    settle_now: Annotated[
        bool,
        typer.Option(
            "--settle-now",
            help="juger à l’échéance en vigueur, tout de suite si elle est passée : un dossier incomplet est "
            "alors annulé",
        ),
    ] = False,
) -> None:
    """Lever la mise en attente ; échéance passée ou proche : avec une nouvelle date ou « --settle-now »."""
    with suppress(typer.Exit):  # said already; a release needs no answer of the pieces' service
        dossier = ask(context.obj, "GET", f"/api/documents/candidates/{candidate}")
        show_doubts(dossier.json(), settle_now=settle_now)
    _show_undelivered(context, candidate)
    _act(context, candidate, "release", reason, settle_now=settle_now, **_deadline(to))


@app.command()
def cancel(context: Context, candidate: Candidate, reason: Reason) -> None:
    """Annuler une candidature."""
    _act(context, candidate, "cancellation", reason)


@app.command()
def uphold(context: Context, candidate: Candidate, reason: Reason) -> None:
    """Maintenir une issue mise en doute (unheeded-holds, unheeded-saves) ; le candidat lit le motif."""
    with suppress(typer.Exit):  # said already; the decision needs no answer of the pieces' service
        show_late_doubts(ask(context.obj, "GET", f"/api/documents/candidates/{candidate}").json())
    _show_undelivered(context, candidate)
    _act(context, candidate, "upholding", reason)


@app.command()
def reinstate(context: Context, candidate: Candidate, reason: Reason, to: ToIfAny = None) -> None:
    """Rétablir une candidature, avec une échéance à elle ; sans date, si son dossier est complet."""
    _act(context, candidate, "reinstatement", reason, **_deadline(to))


@app.command("open-form")
def open_form(
    context: Context,
    candidate: Candidate,
    reason: Reason,
    until: Until,
    to: ToIfAny = None,
) -> None:
    """Rouvrir le formulaire à un candidat non inscrit ; « --to » si l’échéance en vigueur est trop proche."""
    _act(context, candidate, "form-opening", reason, closes_at=until.isoformat(), **_deadline(to))


@app.command("move-deadline")
def move_deadline(context: Context, candidate: Candidate, reason: Reason, to: To) -> None:
    """Donner une autre échéance à un candidat."""
    _act(context, candidate, "deadline", reason, **_deadline(to))


@app.command("move-session-deadline")
def move_session_deadline(context: Context, session: str, reason: Reason, to: To) -> None:
    """Donner une autre échéance à toute une session."""
    path = f"/api/registration/sessions/{session}/deadline"
    seen = ask(context.obj, "GET", path)
    show_session(seen.json())
    _on_seen(context, path, seen, reason, **_deadline(to))


@app.command("declare-outage")
def declare_outage(
    context: Context,
    session: str,
    reason: Reason,
    from_at: Annotated[datetime, typer.Option("--from", help=_SPAN, parser=instant, metavar="DATE")],
    to_at: Annotated[datetime, typer.Option("--to", help=_SPAN, parser=instant, metavar="DATE")],
) -> None:
    """Déclarer une interruption du service : les dossiers incomplets qu’elle touche sont mis en attente."""
    span = {"from_at": from_at.isoformat(), "to_at": to_at.isoformat()}
    _on_session(context, session, "outages", reason, **span)


@app.command("pause-settling")
def pause_settling(context: Context, session: str, reason: Reason) -> None:
    """Suspendre tout verdict d’une session, les dossiers complets compris."""
    _on_session(context, session, "settling/pause", reason)


@app.command("resume-settling")
def resume_settling(context: Context, session: str, reason: Reason) -> None:
    """Reprendre les verdicts d’une session ; ceux qui attendaient sont donnés dans l’heure."""
    _on_session(context, session, "settling/resume", reason)


@app.command("show-session")
def show_session_state(context: Context, session: str) -> None:
    """Les verdicts d’une session : dus, retenus, interruptions, suspensions et leur journal."""
    _print(_call(context, "GET", f"/api/documents/sessions/{session}"))


@app.command("missing-verdicts")
def missing_verdicts(context: Context) -> None:
    """Les candidatures sans issue alors que leur échéance est passée."""
    _print(_call(context, "GET", "/api/registration/missing-verdicts"))


@app.command("unheeded-holds")
def unheeded_holds(context: Context) -> None:
    """Les annulations qu’un verdict ultérieur met en doute : à rétablir (reinstate) ou maintenir (uphold)."""
    _print(_call(context, "GET", "/api/registration/unheeded-holds"))


@app.command("unheeded-saves")
def unheeded_saves(context: Context) -> None:
    """Rien n’est en vigueur, et un enregistrement n’a pas abouti : open-form, reinstate ou uphold."""
    _print(_call(context, "GET", "/api/registration/unheeded-saves"))


@app.command()
def undelivered(context: Context) -> None:
    """Les comptes dont aucun message d’activation n’a pu partir."""
    _print(_call(context, "GET", "/api/accounts/undelivered"))


@app.command("retry-mail")
def retry_mail(context: Context, candidate: Candidate, message: Message, reason: Reason) -> None:
    """Remettre dans la file un message refusé : il est essayé de nouveau, et reste le même message."""
    path = f"/api/notifications/candidates/{candidate}"
    show_undelivered(ask(context.obj, "GET", path).json())
    confirm("Continuer ?")
    _print(_call(context, "POST", f"{path}/messages/{message}/retry", {"reason": reason}))


def _on_session(context: Context, session: str, act: str, reason: str, **members: Any) -> None:
    """Show how the session's verdicts stand, then act."""
    path = f"/api/documents/sessions/{session}"
    show_settling(ask(context.obj, "GET", path).json())
    confirm("Continuer ?")
    _print(_call(context, "POST", f"{path}/{act}", {"reason": reason, **members}))


def _show_undelivered(context: Context, candidate: UUID) -> None:
    """What could not be delivered; an act needs no answer of the mails' service."""
    with suppress(typer.Exit):
        show_undelivered(ask(context.obj, "GET", f"/api/notifications/candidates/{candidate}").json())


def _deadline(to: datetime | None) -> dict[str, str]:
    return {} if to is None else {"deadline_at": to.isoformat()}


def _act(context: Context, candidate: UUID, act: str, reason: str, **members: Any) -> None:
    """Show the candidature, and act on what was shown: the service refuses if it has changed (If-Match)."""
    path = f"/api/registration/candidatures/{candidate}"
    seen = ask(context.obj, "GET", path)
    show_candidature(seen.json())
    _on_seen(context, f"{path}/{act}", seen, reason, **members)


def _on_seen(context: Context, path: str, seen: httpx.Response, reason: str, **members: Any) -> None:
    confirm("Continuer ?")
    headers = {"If-Match": seen.headers["ETag"]}
    _print(ask(context.obj, "POST", path, {"reason": reason, **members}, headers).json())


def _review(context: Context, candidate: UUID, piece: str, act: str, reason: str) -> None:
    """Show what is about to be judged, and judge that: the service refuses if it has changed (If-Match)."""
    path = f"/api/documents/candidates/{candidate}"
    seen = ask(context.obj, "GET", path)
    show_piece(seen.json(), piece)
    confirm("Juger ces fichiers ?")
    headers = {"If-Match": seen.headers["ETag"]}
    _print(ask(context.obj, "POST", f"{path}/pieces/{piece}/{act}", {"reason": reason}, headers).json())


def _call(context: Context, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    response = ask(context.obj, method, path, body)
    return response.json() if response.content else {"status": response.status_code}


def _print(body: Any) -> None:
    _console.print_json(json.dumps(body))
