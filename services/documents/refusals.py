"""Refusals as people read them: RFC 9457 problems with a stable type and a French detail."""

from services.chassis.problems import (
    BadRequest,
    Conflict,
    Gone,
    Invalid,
    NotFound,
    PreconditionRequired,
    Problem,
    TooLarge,
    UnsupportedType,
    VersionConflict,
)
from services.chassis.times import paris_limit, paris_minute
from services.contracts.stages import Stage
from services.documents.domain.errors import (
    BadFile,
    Changed,
    Decided,
    Erased,
    Filed,
    Flaw,
    NoSpan,
    NotAsked,
    NotDated,
    NothingThere,
    NotRegistered,
    NotSigned,
    NotTheirs,
    Outdated,
    Refused,
    RefusedBefore,
    SessionOver,
    TooLate,
    TooMany,
    Unknown,
)
from services.documents.domain.uploading import FILES_PER_SEND

_KEPT = "Ce que vous aviez déjà déposé est gardé."
_FLAWS: dict[Flaw, tuple[type[Problem], str]] = {
    Flaw.EMPTY: (Invalid, "Ce fichier est vide. Vérifiez-le sur votre appareil, puis envoyez-le à nouveau."),
    Flaw.TOO_LARGE: (
        TooLarge,
        "Ce fichier dépasse 10 Mo. Numérisez en qualité plus légère, ou envoyez les pages "
        "en plusieurs fichiers.",
    ),
    Flaw.TYPE: (
        UnsupportedType,
        "Ce format n’est pas accepté. Envoyez un PDF, ou une photo en JPEG, PNG ou HEIC.",
    ),
    Flaw.MISLABELLED: (
        UnsupportedType,
        "Le contenu de ce fichier n’est pas du format annoncé. Enregistrez-le à nouveau en PDF, JPEG ou PNG.",
    ),
    Flaw.PDF_ENCRYPTED: (
        Invalid,
        "Ce PDF est protégé par un mot de passe ou des restrictions. Enregistrez-en une copie sans "
        "protection, puis envoyez-la.",
    ),
    Flaw.PDF_BROKEN: (Invalid, "Ce PDF est abîmé ou incomplet. Enregistrez-le à nouveau, puis envoyez-le."),
    Flaw.PDF_PAGES: (Invalid, "Ce PDF a trop de pages (50 au plus). N’envoyez que les pages demandées."),
    Flaw.PDF_ACTIVE: (
        Invalid,
        "Ce PDF contient un programme ou un fichier joint. Imprimez-le en PDF, puis envoyez cette copie.",
    ),
    Flaw.IMAGE_BROKEN: (Invalid, "Cette image est abîmée ou incomplète. Reprenez la photo, puis envoyez-la."),
    Flaw.IMAGE_SIZE: (
        Invalid,
        "Cette image a trop de pixels (60 millions au plus). Réduisez sa taille, puis envoyez-la.",
    ),
    Flaw.PDF_SIGNED: (
        Invalid,
        "Ce PDF porte une signature électronique, qui serait perdue en le réunissant à d’autres. "
        "Envoyez-le seul.",
    ),
    Flaw.SEND_TOO_LARGE: (
        TooLarge,
        "Ces fichiers sont trop lourds ensemble (50 Mo au plus, et 20 Mo une fois réunis). Envoyez-les en "
        "plusieurs fois.",
    ),
    Flaw.SEND_TOO_MANY: (
        Invalid,
        f"Vous avez choisi trop de fichiers ensemble ({FILES_PER_SEND} au plus). Envoyez-les en plusieurs "
        "fois.",
    ),
}
_STAGES = {
    Stage.CONFIRMED: "Votre inscription est définitive : aucune pièce n’est plus attendue.",
    Stage.WITHDRAWN: "Vous avez retiré votre candidature : aucune pièce n’est attendue.",
    Stage.NOT_REGISTERED: "Aucune inscription n’a été enregistrée avant la clôture.",
}


def problem_of(refused: Refused) -> Problem:
    """The problem a refusal becomes at the HTTP edge."""
    match refused:
        case BadFile(why=flaw, name=name):
            kind, words = _FLAWS[flaw]
            return kind(flaw.value, f"{_which(name)}{words} {_KEPT}")
        case TooLate(deadline_at=deadline_at):
            return Conflict(
                "echeance-passee",
                f"Le délai de retour des pièces était le {paris_limit(deadline_at)} : ce dépôt arrive trop "
                f"tard et n’est pas pris en compte. {_KEPT} Pour toute question, écrivez "
                "au bureau des examens.",
                deadline_at=deadline_at.isoformat(),
            )
        case Decided(stage=stage):
            words = _STAGES.get(stage, "Aucune pièce n’est attendue pour le moment.")
            return Conflict("aucune-piece-attendue", f"{words} {_KEPT}", stage=stage.value)
        case Filed():
            return Conflict(
                "dossier-arrete",
                f"Votre dossier complet a été arrêté : ses pièces ne peuvent plus être retirées. {_KEPT}",
            )
        case NotRegistered():
            return Conflict(
                "inscription-non-enregistree",
                "Enregistrez d’abord votre inscription : la liste de vos pièces en dépend.",
            )
        case NotAsked():
            return NotFound(
                "piece-non-demandee", "Cette pièce n’est pas demandée pour ce dossier. Rien n’a été modifié."
            )
        case TooMany(limit=limit):
            return Conflict(
                "trop-de-fichiers",
                f"Cette pièce a déjà {limit} fichiers. Retirez-en un avant d’en envoyer un autre.",
                limit=limit,
            )
        case RefusedBefore(reason=reason, name=name):
            return Conflict(
                "fichier-deja-refuse",
                f"{_which(name)}Ce même fichier a déjà été refusé : « {reason} » Envoyez un autre fichier. "
                f"{_KEPT}",
            )
        case Outdated(version=version, in_force=in_force, name=name):
            which = "une version antérieure" if version is None else f"la version {version}"
            return Conflict(
                "confirmation-perimee",
                f"{_which(name)}Cette confirmation signée est celle de {which} de votre inscription : "
                "elle est périmée. "
                f"Imprimez la confirmation de la version {in_force}, vérifiez-la, datez-la, signez-la, puis "
                f"envoyez-la ici. {_KEPT}",
                version=version,
                version_in_force=in_force,
            )
        case NotTheirs():
            return Conflict(
                "confirmation-d-un-autre",
                "Cette confirmation n’est pas celle de votre inscription : son code n’est pas celui de votre "
                "dossier. Prenez la vôtre dans « Mes documents », imprimez-la, vérifiez-la, datez-la, "
                f"signez-la, puis envoyez-la ici. {_KEPT}",
            )
        case NotDated():
            return Conflict(
                "confirmation-non-datee",
                "Le cadre « Lieu et date » de cette confirmation est vide. Écrivez le lieu et la date dans "
                f"ce cadre, au stylo, puis envoyez à nouveau une copie de la page. {_KEPT}",
            )
        case NotSigned(dated=dated):
            found, todo = (
                ("Le cadre « Signature du candidat » de cette confirmation est vide.", "Signez dans ce cadre")
                if dated
                else (
                    "Cette confirmation n’est ni datée ni signée.",
                    "Imprimez-la, écrivez le lieu et la date et signez dans les cadres",
                )
            )
            return Conflict(
                "confirmation-non-signee",
                f"{found} {todo}, au stylo, puis envoyez à nouveau une copie de la page. {_KEPT}",
            )
        case NothingThere():
            return Conflict("aucun-fichier", "Aucun fichier à examiner n’est déposé pour cette pièce.")
        case Changed():
            return VersionConflict(
                "dossier-modifie-entre-temps",
                "Le dossier a changé depuis que vous l’avez lu : un fichier a pu arriver. Rien n’a été "
                "modifié : relisez-le, puis recommencez.",
            )
        case SessionOver(ends_at=ends_at, deadline_at=deadline_at):
            return Conflict(
                "session-finie-avant",
                f"Ce refus donnerait au candidat jusqu’au {paris_limit(deadline_at)} pour y répondre, mais "
                f"la session se termine le {paris_minute(ends_at)} : il ne pourrait plus se connecter, et sa "
                "candidature serait annulée. Rien n’a été modifié. Si le dossier ne doit pas aboutir tel "
                "quel, mettez la candidature en attente.",
                ends_at=ends_at.isoformat(),
                deadline_at=deadline_at.isoformat(),
            )
        case NoSpan():
            return Invalid(
                "interruption-incoherente",
                "La fin de l’interruption doit venir après son début et ne peut pas être à venir. Rien n’a "
                "été enregistré.",
            )
        case Erased():
            return Gone("compte-supprime", "Ce compte a été supprimé.")
        case Unknown(what="file"):
            return NotFound("fichier-inconnu", "Ce fichier n’existe pas ou a été retiré.")
        case Unknown(what="session"):
            return NotFound("session-inconnue", "Aucune session n’est connue sous ce nom.")
        case Unknown():
            return NotFound("candidat-inconnu", "Aucun dossier n’est connu à ce numéro.")
        case _:
            raise TypeError(type(refused).__name__)


def _which(name: str) -> str:
    """Of several files sent together."""
    return f"« {name} » : " if name else ""


def what_was_seen_is_missing() -> Problem:
    return PreconditionRequired(
        "etat-vu-manquant",
        "Indiquez dans « If-Match » l’ETag du dossier que vous avez lu. Rien n’a été modifié.",
    )


def what_was_seen_is_unreadable() -> Problem:
    return BadRequest(
        "etat-vu-illisible",
        "« If-Match » attend l’ETag du dossier que vous avez lu, entre guillemets. Rien n’a été modifié.",
    )
