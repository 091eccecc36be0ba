"""What an officer is about to act on, shown on stderr before the act: a candidature, or a session's dates."""

from typing import Any

from rich.console import Console

from deploy.cli.officer_output import in_paris

_console = Console(stderr=True)
_HOLDS = {
    "ours": "un incident de notre côté",
    "eligibility": "une condition pour s’inscrire n’est pas remplie",
    "officer": "la décision d’un gestionnaire",
}
_VERDICTS = {"complete": "complet", "incomplete": "incomplet", "held": "à examiner"}


def show_candidature(view: dict[str, Any]) -> None:
    """Where it stands, what the file was last found to be, and the last act."""
    mine = view["candidature"]
    _say(f"État actuel : {mine['stage_label']} (version {mine['version']} de l’inscription).")
    if view["hold_cause"]:
        _say(f"Cause de l’attente : {_HOLDS[view['hold_cause']]}.")
    _say(f"Échéance : {mine['deadline_text']}.")
    if view["verdict"]:
        _say(f"Dossier, à la dernière vérification : {_VERDICTS[view['verdict']]}.")
    if view["hold_unheeded"]:
        _say(
            "Un verdict ultérieur l’aurait mise en attente : à rétablir (reinstate) ou à maintenir (uphold)."
        )
    if view["save_unheeded"]:
        cure = "à rouvrir (open-form)" if view["stage"] == "not_registered" else "à rétablir (reinstate)"
        _say(
            "Une étape du formulaire ou un enregistrement n’a pas abouti, peut-être par notre faute, le "
            f"{in_paris(view['save_fault_at'])} : {cure}, ou à maintenir (uphold)."
        )
    if view["open_dead_letters"]:
        _say(f"Événements en quarantaine : {view['open_dead_letters']}.")
    if view["journal"]:
        last = view["journal"][-1]
        _say(f"Dernier acte au journal : {last['act']}, le {in_paris(last['at'])}, par {last['actor']}.")


def show_late_doubts(dossier: dict[str, Any]) -> None:
    """What was learned too late to hold the file, before an officer says whether its cancellation stands."""
    for doubt in dossier["doubts"]:
        _say(f"Ce qui aurait retenu le dossier : {doubt['label']}.")


def show_doubts(dossier: dict[str, Any], *, settle_now: bool) -> None:
    """What holds an incomplete file, and what would hold it again after the release."""
    for doubt in dossier["doubts"]:
        lasts = doubt["outlasts_release"] or (doubt["doubt"] == "unreachable" and not settle_now)
        then = "le remettra en attente tant que la cause dure" if lasts else "oublié par la levée"
        _say(f"Ce qui retient le dossier : {doubt['label']} ({then}).")


def show_session(view: dict[str, Any]) -> None:
    """The session and the deadline in force."""
    _say(f"{view['label']} : échéance actuelle, {view['deadline_text']}.")


def _say(line: str) -> None:
    _console.print(line, markup=False, highlight=False, soft_wrap=True)
