"""What a candidate reads of the candidature: its state in French, what to do, by when, what happens then.

« Définitive » is said of a confirmed candidature alone; whether the file is complete, `documents` says. An
officer's reason is shown for a cancellation; that of a hold stays in the journal.
"""

from dataclasses import dataclass
from datetime import datetime

from services.chassis.times import paris_limit
from services.contracts.stages import Stage
from services.registration.domain.candidature import Candidature

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
_APPEAL = (
    "Vous pouvez demander au bureau des examens un nouvel examen de votre situation (recours gracieux), "
    "dans les deux mois."
)


@dataclass(frozen=True, slots=True)
class Next:
    """What to do now, by when (an exclusive upper bound, and as one says it), and what happens then."""

    what: str
    by: datetime | None
    then: str

    @property
    def by_text(self) -> str | None:
        return None if self.by is None else paris_limit(self.by)


def next_of(row: Candidature) -> Next:
    match row.stage:
        case Stage.AWAITING_ACTIVATION | Stage.ACTIVATED:
            return Next(
                "Remplissez le formulaire dans l’onglet « M’inscrire », puis enregistrez.",
                row.closes_at,
                "Sans enregistrement, vous ne serez pas inscrit à la session.",
            )
        case Stage.REGISTERED:
            return Next(
                "Imprimez la confirmation, vérifiez-la, datez-la et signez-la, puis déposez-la avec les "
                "pièces demandées. Vous pouvez encore modifier votre inscription jusqu’au "
                f"{paris_limit(row.closes_at)}.",
                row.deadline_at,
                "Sans la confirmation signée et toutes les pièces, votre candidature sera annulée.",
            )
        case Stage.AWAITING_DOCUMENTS:
            return Next(
                "Déposez la confirmation datée et signée et les pièces demandées qui manquent.",
                row.deadline_at,
                "Sans la confirmation signée et toutes les pièces, votre candidature sera annulée.",
            )
        case Stage.CONFIRMED:
            return Next("Rien : votre inscription est définitive.", None, "Vous recevrez votre convocation.")
        case Stage.CANCELLED:
            return Next(_APPEAL, None, "Sans décision nouvelle du bureau, la candidature reste annulée.")
        case Stage.HELD:
            return Next("Rien : le bureau des examens décide.", None, "Vous recevrez un message.")
        case Stage.NOT_REGISTERED:
            return Next("Rien n’est possible pour cette session.", None, "Votre compte reste ouvert.")
        case Stage.WITHDRAWN:
            return Next(
                "Pour revenir sur ce retrait, enregistrez de nouveau votre inscription ; après la clôture, "
                "écrivez au bureau des examens.",
                row.closes_at,
                "Sans cela, votre candidature reste retirée.",
            )
        case _:
            raise ValueError(row.stage)


def outcome_of(row: Candidature) -> str | None:
    """Why the candidature is where it is, once that was decided."""
    match row.stage:
        case Stage.CONFIRMED:
            return "La confirmation signée et toutes les pièces demandées ont été déposées à temps."
        case Stage.CANCELLED if row.cancelled_by == "officer":
            return f"Décision du bureau des examens : {row.officer_reason}"
        case Stage.CANCELLED:
            return (
                "La confirmation signée et toutes les pièces demandées n’étaient pas déposées au "
                f"{paris_limit(row.deadline_at)} (notice, § 3)."
            )
        case Stage.HELD:
            return _hold_reason(row)
        case Stage.NOT_REGISTERED:
            return f"Aucune inscription n’était enregistrée à la clôture, le {paris_limit(row.closes_at)}."
        case Stage.WITHDRAWN:
            return "Vous avez retiré votre candidature."
        case _:
            return None


def _hold_reason(row: Candidature) -> str:
    match row.hold_cause:
        case "eligibility":
            return (
                "Une condition pour s’inscrire, telle que vous l’avez déclarée, n’est pas remplie "
                "(notice, § 4) : le bureau des examens examine votre situation."
            )
        case "officer":
            return "Le bureau des examens examine votre situation."
        case _:
            return (
                "Un incident de notre côté a pu vous empêcher de compléter votre dossier : il n’est pas "
                "annulé, le bureau des examens l’examine."
            )
