"""The mails that did not reach a candidate, shown on stderr before an act that rests on it: when, and why."""

from typing import Any

from rich.console import Console

from deploy.cli.officer_output import in_paris

_console = Console(stderr=True)


def show_undelivered(deliveries: dict[str, Any]) -> None:
    """Each refused or returned mail in a line, oldest first; whether the candidate counts as warned."""
    for mail in deliveries["messages"]:
        if mail["state"] == "failed":
            _say(_failed(mail))
        elif mail["returned_at"] is not None:
            _say(_returned(mail))
    if not deliveries["reachable"]:
        _say("Aucun rappel de la dernière échéance n’a atteint le candidat, pour ce que nous en savons.")


def _failed(mail: dict[str, Any]) -> str:
    return (
        f"Message « {mail['subject']} » : refusé le {in_paris(mail['ended_at'])} (code {_reply(mail)}) ; "
        f"« officer retry-mail » avec {mail['id']} le fait essayer encore, s’il a toujours un objet."
    )


def _returned(mail: dict[str, Any]) -> str:
    what = "revenu" if mail["state"] == "bounced" else "retardé, selon un avis reçu"
    taken, returned = in_paris(mail["accepted_at"]), in_paris(mail["returned_at"])
    why = f"code {mail['returned_code']} : {mail['returned_meaning']}"
    return (
        f"Message « {mail['subject']} » : pris par le serveur de messagerie le {taken}, "
        f"{what} le {returned} ({why})."
    )


def _reply(mail: dict[str, Any]) -> str:
    said = [str(one) for one in (mail["last_status"], mail["last_error"]) if one is not None]
    return " ".join(said) or "inconnu"


def _say(line: str) -> None:
    _console.print(line, markup=False, highlight=False, soft_wrap=True)
