"""Refusals as people read them: RFC 9457 problems with a stable type and a French detail."""

from collections.abc import Callable
from datetime import datetime, timedelta

from services.chassis.problems import (
    BadRequest,
    Conflict,
    FieldError,
    Gone,
    Invalid,
    NotFound,
    PreconditionRequired,
    Problem,
    VersionConflict,
)
from services.chassis.times import paris_limit, paris_minute
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature
from services.registration.domain.errors import (
    CalendarChanged,
    Changed,
    DeadlineRefused,
    DraftMismatch,
    Erased,
    Incorrect,
    NotAllowed,
    NothingSaved,
    NothingToUphold,
    Refused,
    ReleaseUndecided,
    TooSlow,
    Unknown,
    VersionMismatch,
    WindowShut,
)
from services.registration.domain.words import Words
from services.registration.sentences import Sentence
from services.registration.wording import STAGE_LABELS

Tell = Callable[[Sentence | Words], str]
"""How a sentence with values is said: `str`, in French."""


def problem_of(refused: Refused, tell: Tell = str) -> Problem:
    """The problem a refusal becomes at the HTTP edge."""
    match refused:
        case WindowShut():
            return _window_shut(refused)
        case TooSlow():
            return Conflict("enregistrement-trop-long", tell(shut_because(refused)))
        case VersionMismatch(current=current):
            return VersionConflict(
                "version-perimee",
                "Votre pré-inscription a été enregistrée entre-temps, depuis un autre écran. Rien n’a été "
                "modifié : rechargez la version actuelle, puis refaites vos changements.",
                current_version=current,
                headers={"ETag": f'"{current}"'} if current else None,
            )
        case Changed(present=row):
            return _changed(row)
        case CalendarChanged(present=calendar, revision=revision):
            return VersionConflict(
                "session-modifiee",
                "L’échéance de la session a changé depuis que vous l’avez consultée : c’est maintenant le "
                f"{paris_limit(calendar.deadline_at)}. Rien n’a été modifié.",
                headers={"ETag": f'"{revision}"'},
                present={"revision": revision, "deadline_at": calendar.deadline_at.isoformat()},
            )
        case DraftMismatch(current=current):
            return VersionConflict(
                "brouillon-modifie",
                "Ce brouillon a été modifié entre-temps, depuis un autre écran. Rien n’a été perdu : "
                "rechargez-le, puis refaites vos changements.",
                current_revision=current,
                headers={"ETag": f'"{current}"'} if current else None,
            )
        case Incorrect(complaints=found):
            return Invalid(
                "donnees-invalides",
                "Certaines données sont à corriger. Rien n’a été enregistré.",
                errors=[FieldError(pointer=one.pointer, detail=one.detail) for one in found],
            )
        case NotAllowed(act=act, stage=stage):
            return _not_allowed(act, stage, tell)
        case NothingSaved():
            return Conflict("rien-enregistre", "Aucune pré-inscription n’est enregistrée pour ce compte.")
        case NothingToUphold():
            return Conflict(
                "rien-a-maintenir",
                "Rien ne met en doute l’issue de cette candidature : ni un verdict ultérieur, ni un "
                "enregistrement que nous n’aurions pas reçu. Rien n’a été modifié.",
            )
        case DeadlineRefused():
            return _deadline_refused(refused)
        case ReleaseUndecided():
            return _release_undecided(refused)
        case Erased():
            return Gone("compte-supprime", "Ce compte a été supprimé.")
        case Unknown(what=what):
            return _unknown(what)
        case _:
            raise TypeError(type(refused).__name__)


def precondition_missing() -> Problem:
    return PreconditionRequired(
        "version-attendue-manquante",
        "Indiquez la version que vous modifiez : « If-Match » avec son numéro, ou « If-None-Match: * » "
        "pour un premier enregistrement. Rien n’a été enregistré.",
    )


def precondition_unreadable() -> Problem:
    return BadRequest(
        "version-attendue-illisible",
        "« If-Match » attend un numéro de version entre guillemets ; « If-None-Match » n’accepte que « * ». "
        "Rien n’a été enregistré.",
    )


def state_unsaid() -> Problem:
    return PreconditionRequired(
        "etat-consulte-manquant",
        "Indiquez l’état que vous avez consulté : « If-Match », avec l’« ETag » reçu en le lisant. "
        "Rien n’a été modifié.",
    )


def state_unreadable() -> Problem:
    return BadRequest(
        "etat-consulte-illisible",
        "« If-Match » attend un seul « ETag », entre guillemets, tel que reçu en lisant l’état. "
        "Rien n’a été modifié.",
    )


def _changed(row: Candidature) -> Problem:
    return VersionConflict(
        "candidature-modifiee",
        "La candidature a changé depuis que vous l’avez consultée : l’état actuel est "
        f"« {STAGE_LABELS[row.stage]} », l’échéance {paris_limit(row.deadline_at)}. Rien n’a été modifié : "
        "relisez le dossier, puis décidez.",
        headers={"ETag": f'"{row.seen}"'},
        present={
            "revision": row.revision,
            "stage": row.stage.value,
            "hold_cause": row.hold_cause,
            "cancelled_by": row.cancelled_by,
            "version": row.version,
            "deadline_at": row.deadline_at.isoformat(),
            "verdict": None if row.verdict is None else row.verdict.value,
            "open_dead_letters": row.open_dead_letters,
        },
    )


def shut_because(refused: WindowShut | NotAllowed | TooSlow) -> Sentence:
    """Why nothing can be saved any more, for a page in its reader's language."""
    match refused:
        case WindowShut(closes_at=closes_at):
            return Sentence(
                "La pré-inscription est fermée depuis le %(closes)s (heure de Paris) : plus aucune "
                "modification n’est prise en compte.",
                {"closes": closes_at},
            )
        case TooSlow():
            return Sentence(
                "Votre demande est arrivée à temps, mais son enregistrement n’a pas abouti avant la fin du "
                "traitement. Rien n’a été modifié : écrivez au bureau des examens."
            )
        case NotAllowed(stage=Stage.CANCELLED):
            return Sentence(
                "Votre candidature est annulée : vous ne pouvez plus enregistrer de pré-inscription."
            )
        case _:
            return Sentence("Votre pré-inscription ne peut plus être modifiée.")


def _window_shut(refused: WindowShut) -> Problem:
    opens, closes = paris_minute(refused.opens_at), paris_limit(refused.closes_at)
    if refused.arrived_at < refused.opens_at:
        detail = (
            f"La pré-inscription ouvre le {opens} et ferme le {closes} (heure de Paris). Rien n’a été "
            "enregistré."
        )
    else:
        detail = f"{shut_because(refused)} Ce qui était enregistré est gardé."
    return Conflict(
        "fenetre-fermee",
        detail,
        opens_at=refused.opens_at.isoformat(),
        closes_at=refused.closes_at.isoformat(),
    )


_ACTS = {
    "save": "d’enregistrer une pré-inscription",
    "withdraw": "de retirer la candidature",
    "hold": "de mettre la candidature en attente",
    "release": "de lever la mise en attente",
    "cancel": "d’annuler la candidature",
    "reinstate": "de rétablir la candidature",
    "open_form": "de rouvrir le formulaire",
    "move_deadline": "de déplacer l’échéance",
}


def _not_allowed(act: str, stage: Stage, tell: Tell) -> Problem:
    detail = Words(
        "Il n’est pas possible %(act)s : l’état actuel est « %(stage)s ». Rien n’a été modifié.",
        {"act": Words(_ACTS[act]), "stage": Words(STAGE_LABELS[stage])},
    )
    return Conflict("etat-incompatible", tell(detail), stage=stage.value)


def _deadline_refused(refused: DeadlineRefused) -> Problem:
    match refused.why:
        case "past":
            detail = "La nouvelle échéance doit être dans l’avenir."
        case "form_past":
            detail = "La date jusqu’à laquelle rouvrir le formulaire doit être dans l’avenir."
        case "form_deadline":
            detail = (
                f"L’échéance en vigueur ({paris_limit(refused.limit)}) ne suit pas la réouverture : "
                "donnez-en une autre."
            )
        case "window":
            detail = f"La nouvelle échéance doit suivre la clôture ({paris_limit(refused.limit)})."
        case "same":
            detail = "C’est déjà l’échéance en vigueur."
        case "session_end":
            detail = f"La session se termine le {paris_minute(refused.limit)} : choisissez une date avant."
        case "notice":
            detail = (
                "Une échéance n’est avancée qu’avec un délai suffisant : pas avant le "
                f"{_from(refused.limit)}."
            )
        case "release":
            detail = (
                "L’échéance du candidat est passée ou trop proche : il lui faut le temps de compléter son "
                f"dossier. La nouvelle ne peut pas être avant le {_from(refused.limit)}."
            )
    return Conflict("echeance-refusee", f"{detail} Rien n’a été modifié.", limit=refused.limit.isoformat())


def _release_undecided(refused: ReleaseUndecided) -> Problem:
    state, when = ("passée", "tout de suite") if refused.passed else ("trop proche", "à cette échéance")
    return Invalid(
        "levee-a-preciser",
        f"L’échéance du candidat est {state} ({paris_limit(refused.deadline_at)}) : sans nouvelle date, son "
        f"dossier serait jugé {when}, et annulé sans avertissement s’il est incomplet. Donnez une nouvelle "
        f"échéance (pas avant le {_from(refused.earliest)} ; un message en avertit le candidat), ou demandez "
        f"de juger {when}. Rien n’a été modifié.",
        choices=["deadline_at", "settle_now"],
        deadline_at=refused.deadline_at.isoformat(),
        earliest=refused.earliest.isoformat(),
    )


def _from(limit: datetime) -> str:
    """The first whole minute that is not before the limit."""
    return paris_minute(limit + timedelta(seconds=59))


def _unknown(what: str) -> Problem:
    match what:
        case "session":
            return NotFound("session-inconnue", "Cette session d’examen n’est pas connue.")
        case "version":
            return NotFound("version-inconnue", "Cette version de l’inscription n’existe pas.")
        case _:
            return NotFound("candidat-inconnu", "Aucune candidature n’est connue à ce numéro.")
