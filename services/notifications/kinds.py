"""The kinds of mail, one row each: subject, what must be fetched to write it, when it still makes sense.

A new kind is a row here, a template in `templates/letters/` and a rule in `causes.py`. A subject is read on
locked screens and by third parties: it names no piece and no reason, since those may be health data.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from services.contracts.stages import Stage
from services.notifications.domain import Conditions, Facts
from services.notifications.timing import Timing

_OPEN = frozenset({Stage.REGISTERED, Stage.AWAITING_DOCUMENTS})
_JUDGED = frozenset({Stage.HELD, Stage.CANCELLED, Stage.CONFIRMED})


REMINDER = "reminder"
"""Whether these were taken decides whether a candidate can be thought warned (domain, ours 7)."""


SAVED = "registration_saved"
"""One for each version; that of an older one speaks of a confirmation that is périmée."""


class Need(Enum):
    """What an owner is asked for at the moment of sending."""

    ACTIVATION_LINK = auto()
    PASSWORD_RESET_LINK = auto()
    STANDING = auto()
    MISSING_PIECES = auto()
    MISSING_PIECES_IF_KNOWN = auto()
    """As above, but `documents` need not know the candidate."""
    REFUSAL = auto()
    CONFIRMATION = auto()
    """The PDF of the facts' version, if that is still the one to sign."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`subject` may use the facts' names.

    late_subject: of a mail that leaves once nothing can be handed in any more; None: the subject.
    gist: what it was about, for who reads it again when its words can no longer be written.
    farewell: sent to the address kept after the deletion.
    timing: queued ahead; when it is due. Its candidate is not shown it before.
    when_read: when its words are still true for who reads it again; None: as when it was sent.
    """

    name: str
    subject: str
    gist: str
    needs: tuple[Need, ...] = ()
    conditions: Conditions = field(default_factory=Conditions)
    farewell: bool = False
    timing: Timing | None = None
    when_read: Conditions | None = None
    late_subject: str | None = None

    def subject_for(self, facts: Facts, *, late: bool = False) -> str:
        chosen = self.late_subject if late and self.late_subject is not None else self.subject
        return chosen.format(**facts.model_dump())


def _outcome(name: str, subject: str, gist: str, stage: Stage, *more: Need) -> Kind:
    """Told only while it still is the outcome; the one that replaced it has its own mail."""
    return Kind(name, subject, gist, (Need.STANDING, *more), Conditions(stages=frozenset({stage})))


_ALL = (
    Kind(
        "activation",
        "Activez votre compte candidat",
        "Ce message donnait le lien pour activer votre compte.",
        (Need.ACTIVATION_LINK,),
    ),
    Kind(
        "activation_reminder",
        "Rappel : votre compte candidat n’est pas encore activé",
        "Ce message rappelait que votre compte n’était pas encore activé.",
        (Need.ACTIVATION_LINK,),
        Conditions(before_deadline=True, before_close=True),
        timing=Timing.HALF_ACTIVATION,
    ),
    Kind(
        "account_exists",
        "Vous avez déjà un compte candidat",
        "Ce message disait qu’un compte avait été demandé une nouvelle fois avec votre adresse.",
    ),
    Kind(
        "password_reset",
        "Choisissez un nouveau mot de passe",
        "Ce message donnait le lien pour choisir un nouveau mot de passe.",
        (Need.PASSWORD_RESET_LINK,),
    ),
    Kind(
        "password_changed",
        "Votre mot de passe a été changé",
        "Ce message disait que le mot de passe de votre compte avait été changé.",
    ),
    Kind(
        "account_deleted",
        "Votre compte candidat a été supprimé",
        "Ce message disait que votre compte, qui n’était pas activé à temps, était supprimé.",
        farewell=True,
    ),
    Kind(
        "account_erased",
        "Votre compte candidat est effacé",
        "Ce message disait que votre compte et votre candidature étaient effacés.",
        farewell=True,
    ),
    Kind(
        "not_saved",
        "Votre pré-inscription n’est pas encore enregistrée",
        "Ce message disait qu’aucune pré-inscription n’était encore enregistrée, et jusqu’à quand le faire.",
        (Need.STANDING,),
        Conditions(
            stages=frozenset({Stage.ACTIVATED}),
            before_close=True,
            unheard=frozenset({Stage.AWAITING_ACTIVATION}),
        ),
        timing=Timing.BEFORE_CLOSE,
    ),
    Kind(
        SAVED,
        "Pré-inscription enregistrée (version {version}) : il reste à signer et à déposer",
        "Ce message disait que votre pré-inscription était enregistrée, et ce qu’il restait à faire.",
        (Need.STANDING, Need.CONFIRMATION),
        Conditions(stages=_OPEN | _JUDGED),
        when_read=Conditions(stages=_OPEN, missing=True),
        late_subject="Pré-inscription enregistrée (version {version})",
    ),
    Kind(
        REMINDER,
        "Rappel : votre dossier n’est pas complet",
        "Ce message rappelait les pièces qui manquaient à votre dossier, et la date limite.",
        (Need.STANDING, Need.MISSING_PIECES),
        Conditions(stages=_OPEN, missing=True, before_deadline=True),
    ),
    Kind(
        "piece_refused",
        "Une pièce de votre dossier est refusée",
        "Ce message disait quelle pièce de votre dossier était refusée, et pourquoi.",
        (Need.STANDING, Need.REFUSAL),
        Conditions(stages=_OPEN | _JUDGED),
        when_read=Conditions(stages=_OPEN | _JUDGED, still_refused=True),
    ),
    Kind(
        "checklist_complete",
        "Votre dossier est complet",
        "Ce message disait que votre dossier était complet.",
        (Need.STANDING, Need.MISSING_PIECES),
        Conditions(stages=_OPEN, missing=False),
    ),
    _outcome(
        "confirmed",
        "Votre inscription est définitive",
        "Ce message donnait la décision : votre inscription était confirmée.",
        Stage.CONFIRMED,
        Need.MISSING_PIECES_IF_KNOWN,
    ),
    _outcome(
        "cancelled",
        "Votre candidature est annulée",
        "Ce message donnait la décision, et son motif : votre candidature était annulée.",
        Stage.CANCELLED,
        Need.MISSING_PIECES_IF_KNOWN,
    ),
    Kind(
        "held",
        "Votre candidature est en cours d’examen",
        "Ce message disait que le bureau examinait votre candidature avant de décider.",
        (Need.STANDING, Need.MISSING_PIECES_IF_KNOWN),
        Conditions(stages=frozenset({Stage.HELD}), same_hold=True),
    ),
    Kind(
        "released",
        "Votre candidature n’est plus en attente",
        "Ce message disait que votre candidature n’était plus en attente.",
        (Need.STANDING, Need.MISSING_PIECES_IF_KNOWN),
        Conditions(stages=_OPEN),
    ),
    _outcome(
        "not_registered",
        "Aucune pré-inscription n’a été enregistrée",
        "Ce message disait qu’aucune pré-inscription n’était enregistrée à la clôture.",
        Stage.NOT_REGISTERED,
    ),
    _outcome(
        "withdrawn",
        "Votre candidature est retirée",
        "Ce message disait que votre candidature était retirée.",
        Stage.WITHDRAWN,
    ),
    Kind(
        "form_opened",
        "Votre formulaire d’inscription est rouvert",
        "Ce message disait que le bureau avait rouvert votre formulaire, et jusqu’à quand l’enregistrer.",
        (Need.STANDING,),
        Conditions(stages=frozenset({Stage.ACTIVATED})),
    ),
    Kind(
        "reinstated",
        "Votre candidature est rétablie",
        "Ce message disait que le bureau avait rétabli votre candidature.",
        (Need.STANDING, Need.MISSING_PIECES_IF_KNOWN),
        Conditions(stages=_OPEN | {Stage.CONFIRMED}),
    ),
    Kind(
        "deadline_moved",
        "Votre date limite a changé",
        "Ce message donnait votre nouvelle date limite.",
        (Need.STANDING, Need.MISSING_PIECES_IF_KNOWN),
        Conditions(stages=_OPEN | {Stage.HELD}),
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
FAREWELLS = frozenset(kind.name for kind in _ALL if kind.farewell)
