"""What a candidate must do now, by when, and what happens then: told from what the workflow's clock is told.

The limits are those of the two owners whose timers fire: the window's end is `domain.life.next_step` of the
candidature, the deadline that of `documents`, which gives the verdict (its own may be longer for a while: a
refusal gives a deadline that this service has still to hear of). « Définitive » is said of a confirmed
candidature alone; nothing that is only saved or only complete is called done. Whose declared condition of R7
fails is told at every step after a save that an officer decides (ours 6).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.contracts.internal import Progress
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature
from services.registration.domain.life import CLOSE_WINDOW, next_step
from services.registration.sentences import Sentence

Doing = Literal["register", "documents", "contact"]


@dataclass(frozen=True, slots=True)
class Next:
    """`by`: an exclusive upper bound. `doing`: where on the site the one thing to do is done."""

    what: Sentence
    by: datetime | None
    then: Sentence
    doing: Doing | None = None


_CANCELLED_OTHERWISE = Sentence(
    "Sans la confirmation signée et toutes les pièces, votre candidature sera annulée."
)
_NOT_CANCELLED_FOR_IT = Sentence(
    "Votre candidature ne sera pas annulée pour cela. Si une pièce manque encore à cette date, un "
    "gestionnaire décide de la suite."
)
_A_MESSAGE_COMES = Sentence("Vous recevrez un message dès que la décision sera prise.")
_CANCELLED_OTHERWISE_OR_EXAMINED = Sentence(
    "Sans la confirmation signée et toutes les pièces, votre candidature sera annulée. Avec elles, elle ne "
    "sera pas confirmée automatiquement : d’après vos réponses, une condition pour s’inscrire n’est pas "
    "remplie. Votre candidature sera gardée en attente, et un gestionnaire décidera."
)
_AN_OFFICER_DECIDES = Sentence(
    "D’après vos réponses, une condition pour s’inscrire n’est pas remplie : votre candidature ne sera pas "
    "confirmée automatiquement, un gestionnaire décide. Vous recevrez un message."
)


def next_of(row: Candidature, now: datetime, progress: Progress | None = None, *, appeal_months: int) -> Next:
    """The next step; without `progress` it is not known which pieces are there, and not said."""
    if progress is not None and progress.registration_version != row.version:
        progress = None  # the pieces of this version are on their way
    match row.stage:
        case Stage.AWAITING_ACTIVATION | Stage.ACTIVATED:
            return _before_saving(row, now)
        case Stage.REGISTERED | Stage.AWAITING_DOCUMENTS:
            return _with_pieces(row, now, progress)
        case Stage.HELD:
            return _held(row, now, progress)
        case Stage.CONFIRMED:
            return _confirmed(row, now, progress)
        case Stage.CANCELLED:
            return _cancelled(row, now, progress, appeal_months)
        case Stage.NOT_REGISTERED:
            return Next(
                Sentence(
                    "Rien n’est possible pour cette session, sauf si le site vous a empêché d’enregistrer : "
                    "dites-le alors au bureau des examens, qui peut rouvrir votre formulaire."
                ),
                None,
                Sentence("Votre compte reste ouvert jusqu’à la fin de la session."),
                "contact",
            )
        case Stage.WITHDRAWN:
            return _withdrawn(row, now)
        case _:
            raise ValueError(row.stage)


def window_limit(row: Candidature, now: datetime) -> datetime | None:
    """Until when the form may be saved, while that is ahead. For the held no clock waits, but it is open."""
    if row.stage is Stage.HELD:
        return row.closes_at if now < row.closes_at else None
    step = next_step(row, now, spread_seconds=0)
    if step.action != CLOSE_WINDOW or step.due_at is None or step.due_at <= now:
        return None
    return step.due_at


def deadline(row: Candidature, progress: Progress | None) -> datetime:
    """The limit for the pieces: the later, where a refusal has just lengthened it."""
    return row.deadline_at if progress is None else max(row.deadline_at, progress.deadline_at)


def _before_saving(row: Candidature, now: datetime) -> Next:
    closes_at = window_limit(row, now)
    if closes_at is None:
        return Next(
            Sentence("Rien : la pré-inscription est fermée, et rien n’était enregistré."),
            None,
            _A_MESSAGE_COMES,
        )
    return Next(
        Sentence("Remplissez le formulaire « M’inscrire », puis enregistrez-le."),
        closes_at,
        Sentence(
            "Si rien n’est enregistré d’ici là, vous ne pourrez plus vous inscrire pour cette session. Après "
            "l’enregistrement, il restera à signer la confirmation et à déposer vos pièces."
        ),
        "register",
    )


def _lost(progress: Progress | None) -> bool:
    return progress is not None and any(piece.lost for piece in progress.awaited)


def _after_loss(limit: datetime, now: datetime, before: Sentence, after: Sentence) -> Next:
    """Our fault, for which nobody is cancelled (ours 7). `before`, `after`: what comes then, by the limit."""
    if limit <= now:
        return Next(
            Sentence(
                "Par notre faute, nous avons perdu une partie de ce que vous aviez déposé. Contactez le "
                "bureau des examens : rien n’est annulé pour cela."
            ),
            None,
            after,
            "contact",
        )
    return Next(
        Sentence(
            "Par notre faute, nous avons perdu une partie de ce que vous aviez déposé : renvoyez-la. La "
            "liste ci-dessous dit tout ce qui manque."
        ),
        limit,
        before,
        "documents",
    )


def _with_pieces(row: Candidature, now: datetime, progress: Progress | None) -> Next:
    closes_at, limit = window_limit(row, now), deadline(row, progress)
    if progress is not None and progress.state == "complete":
        return _complete(row, closes_at)
    if _lost(progress):
        before = _NOT_CANCELLED_FOR_IT if row.may_be_confirmed() else _AN_OFFICER_DECIDES
        return _after_loss(limit, now, before, _decision(row))
    if limit <= now:
        return Next(
            Sentence("Rien : la date limite est passée, votre dossier est en cours de décision."),
            None,
            _decision(row),
        )
    otherwise = _CANCELLED_OTHERWISE if row.may_be_confirmed() else _CANCELLED_OTHERWISE_OR_EXAMINED
    if progress is not None and not any(piece.confirmation for piece in progress.awaited):
        return Next(
            Sentence("Déposez les pièces qui manquent encore : elles sont dans la liste ci-dessous."),
            limit,
            otherwise,
            "documents",
        )
    if closes_at is None:
        return Next(
            Sentence(
                "Déposez la confirmation datée et signée et les pièces demandées qui manquent. La "
                "pré-inscription est close : la confirmation ne peut plus être modifiée."
            ),
            limit,
            otherwise,
            "documents",
        )
    return Next(
        Sentence(
            "Imprimez la confirmation, vérifiez-la, datez-la et signez-la, puis déposez-la avec les pièces "
            "demandées. Vous pouvez encore modifier vos réponses jusqu’au %(closes)s.",
            {"closes": closes_at},
        ),
        limit,
        otherwise,
        "documents",
    )


def _complete(row: Candidature, closes_at: datetime | None) -> Next:
    if closes_at is None:
        return Next(Sentence("Rien : votre dossier est complet."), None, _decision(row))
    if row.may_be_confirmed():
        then = Sentence(
            "Une fois la pré-inscription close, la décision est prise automatiquement et vous recevez un "
            "message."
        )
    else:
        then = Sentence(
            "Votre candidature est gardée, mais elle ne sera pas confirmée automatiquement : d’après vos "
            "réponses, une condition pour s’inscrire n’est pas remplie. Une fois la pré-inscription close, "
            "un gestionnaire examine votre situation et décide. Vous recevrez un message."
        )
    return Next(
        Sentence(
            "Rien : votre dossier est complet. Vous pouvez encore modifier vos réponses, mais il faudra "
            "alors signer et déposer la nouvelle confirmation."
        ),
        closes_at,
        then,
    )


def _held(row: Candidature, now: datetime, progress: Progress | None) -> Next:
    limit = deadline(row, progress)
    if _lost(progress):
        return _after_loss(limit, now, _decision(row), _decision(row))
    if limit > now and (progress is None or progress.state != "complete"):
        return Next(
            Sentence(
                "Déposez sans attendre les pièces qui manquent encore. Rien de ce que vous avez déjà déposé "
                "n’est perdu."
            ),
            limit,
            _decision(row),
            "documents",
        )
    return Next(
        Sentence(
            "Rien : le bureau des examens décide. Rien de ce que vous avez enregistré ou déposé n’est perdu."
        ),
        None,
        _decision(row),
    )


def _confirmed(row: Candidature, now: datetime, progress: Progress | None) -> Next:
    """A piece refused or lost since is asked for once more; the outcome stays until an officer changes it."""
    if progress is None or progress.state != "incomplete":
        return Next(
            Sentence("Rien : votre inscription est définitive."),
            None,
            Sentence("Le bureau des examens vous écrira pour la suite."),
        )
    limit = deadline(row, progress)
    stays = Sentence(
        "Votre inscription reste définitive tant qu’un gestionnaire n’en décide pas autrement. Vous "
        "recevrez alors un message."
    )
    if _lost(progress):
        before = Sentence(
            "Votre inscription reste définitive. Si une pièce manque encore à cette date, un gestionnaire "
            "décide de la suite."
        )
        return _after_loss(limit, now, before, stays)
    if limit <= now:
        return Next(Sentence("Rien : la date limite pour la pièce refusée est passée."), None, stays)
    return Next(
        Sentence("Déposez à nouveau, corrigée, la pièce refusée : la liste ci-dessous dit pourquoi."),
        limit,
        Sentence(
            "Votre inscription reste définitive : ce refus ne l’annule pas. Si la pièce manque encore à "
            "cette date, un gestionnaire décide de la suite."
        ),
        "documents",
    )


def _cancelled(row: Candidature, now: datetime, progress: Progress | None, appeal_months: int) -> Next:
    """Whom the deadline cancelled, evidence in time for a longer one reinstates; an officer's act stands."""
    months, limit = {"months": appeal_months}, deadline(row, progress)
    complete = progress is not None and progress.state == "complete"
    if row.cancelled_by == "verdict" and limit > now and not complete:
        return Next(
            Sentence(
                "Déposez les pièces qui manquent encore : un dossier complet peut rétablir votre "
                "candidature. Vous pouvez aussi demander au bureau des examens un nouvel examen de votre "
                "situation (recours gracieux), dans les %(months)s mois qui suivent le message d’annulation.",
                months,
            ),
            limit,
            Sentence("Sans dossier complet ni décision nouvelle du bureau, la candidature reste annulée."),
            "documents",
        )
    return Next(
        Sentence(
            "Si vous contestez cette décision, demandez au bureau des examens un nouvel examen de votre "
            "situation (recours gracieux), dans les %(months)s mois qui suivent le message d’annulation.",
            months,
        ),
        None,
        Sentence("Sans décision nouvelle du bureau, la candidature reste annulée."),
        "contact",
    )


def _decision(row: Candidature) -> Sentence:
    return _A_MESSAGE_COMES if row.may_be_confirmed() else _AN_OFFICER_DECIDES


def _withdrawn(row: Candidature, now: datetime) -> Next:
    closes_at = window_limit(row, now)
    stays = Sentence("Sans cela, votre candidature reste retirée.")
    if closes_at is None:
        return Next(
            Sentence("Pour revenir sur ce retrait, écrivez au bureau des examens."), None, stays, "contact"
        )
    return Next(
        Sentence("Pour revenir sur ce retrait, enregistrez de nouveau votre pré-inscription."),
        closes_at,
        stays,
        "register",
    )
