"""What a candidate reads of the candidature: its state in French, and why it is so.

« Définitive » is said of a confirmed candidature alone. An officer's reason is shown for a cancellation; that
of a hold stays in the journal.
"""

from services.contracts.internal import Progress
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature, HoldCause
from services.registration.sentences import Quoted, Sentence

STAGE_LABELS: dict[Stage, str] = {
    Stage.AWAITING_ACTIVATION: "compte à activer",
    Stage.ACTIVATED: "rien n’est encore enregistré",
    Stage.REGISTERED: "pré-inscription enregistrée",
    Stage.AWAITING_DOCUMENTS: "en attente des pièces justificatives",
    Stage.CONFIRMED: "inscription définitive",
    Stage.CANCELLED: "candidature annulée",
    Stage.HELD: "en attente d’une décision du bureau des examens",
    Stage.NOT_REGISTERED: "non inscrit",
    Stage.WITHDRAWN: "candidature retirée",
    Stage.DELETED: "compte supprimé",
}
_HOLDS: dict[HoldCause, str] = {
    "eligibility": (
        "Une condition pour s’inscrire, telle que vous l’avez déclarée, n’est pas remplie (notice, § 4) : le "
        "bureau des examens examine votre situation."
    ),
    "officer": "Le bureau des examens examine votre situation.",
    "ours": (
        "Un incident de notre côté a pu vous empêcher de compléter votre dossier : il n’est pas annulé, le "
        "bureau des examens l’examine."
    ),
}


def outcome_of(row: Candidature) -> str | None:
    """Why the candidature is where it is, once that was decided; in French."""
    outcome = outcome_sentence(row)
    return None if outcome is None else str(outcome)


def outcome_sentence(row: Candidature) -> Sentence | None:
    match row.stage:
        case Stage.CONFIRMED:
            return Sentence("La confirmation signée et toutes les pièces demandées ont été déposées à temps.")
        case Stage.CANCELLED if row.cancelled_by == "officer":
            return Sentence(
                "Décision du bureau des examens : %(reason)s", {"reason": Quoted(row.officer_reason or "")}
            )
        case Stage.CANCELLED:
            return Sentence(
                "La confirmation signée et toutes les pièces demandées n’étaient pas déposées au "
                "%(deadline)s (heure de Paris) : notice, § 3.",
                {"deadline": row.deadline_at},
            )
        case Stage.HELD:
            return Sentence(_HOLDS[row.hold_cause or "ours"])
        case Stage.NOT_REGISTERED:
            return Sentence(
                "Aucune pré-inscription n’était enregistrée à la clôture, le %(closes)s (heure de Paris).",
                {"closes": row.closes_at},
            )
        case Stage.WITHDRAWN:
            return Sentence("Vous avez retiré votre candidature.")
        case _:
            return None


def headline(row: Candidature, progress: Progress | None) -> str:
    """The stage as the first words of « Mon espace »: what is saved is told apart from what is handed in."""
    if row.stage is Stage.AWAITING_ACTIVATION:  # who reads this is logged in: the event is on its way
        return STAGE_LABELS[Stage.ACTIVATED]
    if row.stage not in (Stage.REGISTERED, Stage.AWAITING_DOCUMENTS) or progress is None:
        return STAGE_LABELS[row.stage]
    if progress.state == "complete" and progress.registration_version == row.version:
        return "dossier complet, décision à venir"
    if row.stage is Stage.REGISTERED:
        return "pré-inscription enregistrée, pièces à déposer"
    return STAGE_LABELS[row.stage]
