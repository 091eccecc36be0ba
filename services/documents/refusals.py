"""Refusals as people read them: RFC 9457 problems with a stable type and a French detail; and on a page."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

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
from services.chassis.site.language import Language
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
from services.documents.domain.uploading import (
    FILES_PER_SEND,
    LARGEST_FILE_BYTES,
    LARGEST_JOINED_BYTES,
    LARGEST_SEND_BYTES,
)
from services.documents.inspection import IMAGE_PIXELS, PDF_PAGES
from services.documents.sentences import Limit, Minute, Quote, Sentence

_KEPT = "Ce que vous aviez déjà déposé est gardé."
_NONE_KEPT = "De cet envoi, rien n’est gardé : si vous aviez choisi d’autres fichiers, envoyez-les à nouveau."
_FLAWS: dict[Flaw, tuple[type[Problem], str]] = {
    Flaw.EMPTY: (Invalid, "Ce fichier est vide. Vérifiez-le sur votre appareil, puis envoyez-le à nouveau."),
    Flaw.TOO_LARGE: (
        TooLarge,
        f"Ce fichier dépasse {LARGEST_FILE_BYTES >> 20} Mo. Une photo : reprenez-la en qualité normale, ou "
        "faites-en une capture d’écran. Un document numérisé : choisissez une qualité plus légère, ou "
        "envoyez les pages en plusieurs fichiers.",
    ),
    Flaw.TYPE: (
        UnsupportedType,
        "Ce format n’est pas accepté. Envoyez un PDF, ou une photo en JPEG, PNG ou HEIC.",
    ),
    Flaw.MISLABELLED: (
        UnsupportedType,
        "Ce fichier contient autre chose que ce que dit la fin de son nom : par exemple une photo dont le "
        "nom finit par .pdf. Enregistrez-le à nouveau en PDF, JPEG ou PNG, puis envoyez-le.",
    ),
    Flaw.PDF_ENCRYPTED: (
        Invalid,
        "Ce PDF est protégé par un mot de passe ou des restrictions. Enregistrez-en une copie sans "
        "protection, puis envoyez-la.",
    ),
    Flaw.PDF_BROKEN: (Invalid, "Ce PDF est abîmé ou incomplet. Enregistrez-le à nouveau, puis envoyez-le."),
    Flaw.PDF_PAGES: (
        Invalid,
        f"Ce PDF a trop de pages ({PDF_PAGES} au plus). N’envoyez que les pages demandées.",
    ),
    Flaw.PDF_ACTIVE: (
        Invalid,
        "Ce PDF contient un programme ou un fichier joint. Imprimez-le en PDF, puis envoyez cette copie.",
    ),
    Flaw.IMAGE_BROKEN: (Invalid, "Cette image est abîmée ou incomplète. Reprenez la photo, puis envoyez-la."),
    Flaw.IMAGE_SIZE: (
        Invalid,
        f"Cette image a trop de pixels ({IMAGE_PIXELS // 1_000_000} millions au plus). Réduisez sa taille, "
        "puis envoyez-la.",
    ),
    Flaw.PDF_SIGNED: (
        Invalid,
        "Ce PDF porte une signature électronique, qui serait perdue en le réunissant à d’autres. "
        "Envoyez-le seul.",
    ),
    Flaw.SEND_TOO_LARGE: (
        TooLarge,
        f"Ces fichiers sont trop lourds ensemble ({LARGEST_SEND_BYTES >> 20} Mo au plus, et "
        f"{LARGEST_JOINED_BYTES >> 20} Mo une fois réunis). Envoyez-les en "
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
    Stage.NOT_REGISTERED: "Aucune pré-inscription n’a été enregistrée avant la clôture.",
}


@dataclass(frozen=True)
class _Answer:
    """A problem before its sentence is written. `members`: of the problem; `file`: which one of several."""

    kind: type[Problem]
    slug: str
    sentence: Sentence
    members: dict[str, Any] = field(default_factory=dict)
    file: str = ""


def problem_of(refused: Refused) -> Problem:
    """The problem a refusal becomes at the HTTP edge, in French."""
    answer = _answer(refused)
    detail = f"{_which(answer.file)}{answer.sentence}{_rest(answer.file, str)}"
    return answer.kind(answer.slug, detail, **answer.members)


def on_a_page(refused: Refused, translate: Callable[[str], str], language: Language) -> Markup:
    """What it says, for a page in this language."""
    answer = _answer(refused)
    said = answer.sentence.on_a_page(translate, language)
    return Markup.escape(_which(answer.file)) + said + Markup.escape(_rest(answer.file, translate))


def _which(name: str) -> str:
    """Of several files sent together."""
    return f"« {name} » : " if name else ""


def _rest(name: str, translate: Callable[[str], str]) -> str:
    """Of what was sent together with it: one flawed file refuses all of them."""
    return f" {translate(_NONE_KEPT)}" if name else ""


def _answer(refused: Refused) -> _Answer:
    match refused:
        case BadFile(why=flaw, name=name):
            kind, words = _FLAWS[flaw]
            return _Answer(kind, flaw.value, Sentence(f"{words} {_KEPT}"), file=name)
        case TooLate(arrived_at=arrived_at, deadline_at=deadline_at):
            return _Answer(
                Conflict,
                "echeance-passee",
                Sentence(
                    "Cette demande est arrivée le %(arrived)s, après la date limite, le %(limit)s (heure de "
                    f"Paris) : elle n’est pas prise en compte. {_KEPT} Pour toute question, écrivez au "
                    "bureau des examens.",
                    {"arrived": Minute(arrived_at), "limit": Limit(deadline_at)},
                ),
                {"arrived_at": arrived_at.isoformat(), "deadline_at": deadline_at.isoformat()},
            )
        case Decided(stage=stage):
            words = _STAGES.get(stage, "Aucune pièce n’est attendue pour le moment.")
            return _conflict("aucune-piece-attendue", f"{words} {_KEPT}", stage=stage.value)
        case Filed():
            return _conflict(
                "dossier-arrete",
                f"Votre dossier a été jugé complet : ses pièces ne peuvent plus être retirées. {_KEPT}",
            )
        case NotRegistered():
            return _conflict(
                "inscription-non-enregistree",
                "Enregistrez d’abord votre pré-inscription : la liste de vos pièces en dépend.",
            )
        case NotAsked():
            return _Answer(
                NotFound,
                "piece-non-demandee",
                Sentence("Cette pièce n’est pas demandée pour ce dossier. Rien n’a été modifié."),
            )
        case TooMany(limit=limit):
            return _Answer(
                Conflict,
                "trop-de-fichiers",
                Sentence(
                    "Cette pièce a déjà %(limit)s fichiers. Retirez-en un avant d’en envoyer un autre.",
                    {"limit": limit},
                ),
                {"limit": limit},
            )
        case RefusedBefore(reason=reason, name=name):
            return _Answer(
                Conflict,
                "fichier-deja-refuse",
                Sentence(
                    "Ce même fichier a déjà été refusé : « %(reason)s » Envoyez un autre fichier. " + _KEPT,
                    {"reason": Quote(reason)},
                ),
                file=name,
            )
        case Outdated(version=version, in_force=in_force, name=name):
            return _Answer(
                Conflict,
                "confirmation-perimee",
                _outdated(version, in_force),
                {"version": version, "version_in_force": in_force},
                file=name,
            )
        case NotTheirs():
            return _conflict(
                "confirmation-d-un-autre",
                "Cette confirmation n’est pas celle de votre inscription : son code n’est pas celui de votre "
                "dossier. Prenez la vôtre dans « Mes documents », imprimez-la, vérifiez-la, datez-la, "
                f"signez-la, puis envoyez-la ici. {_KEPT}",
            )
        case NotDated():
            return _conflict(
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
            return _conflict(
                "confirmation-non-signee",
                f"{found} {todo}, au stylo, puis envoyez à nouveau une copie de la page. {_KEPT}",
            )
        case NothingThere():
            return _conflict("aucun-fichier", "Aucun fichier à examiner n’est déposé pour cette pièce.")
        case Changed():
            return _Answer(
                VersionConflict,
                "dossier-modifie-entre-temps",
                Sentence(
                    "Le dossier a changé depuis que vous l’avez lu : un fichier a pu arriver. Rien n’a été "
                    "modifié : relisez-le, puis recommencez."
                ),
            )
        case SessionOver(ends_at=ends_at, deadline_at=deadline_at):
            return _Answer(
                Conflict,
                "session-finie-avant",
                Sentence(
                    "Ce refus donnerait au candidat jusqu’au %(limit)s pour y répondre, mais la session se "
                    "termine le %(end)s : il ne pourrait plus se connecter, et sa candidature serait "
                    "annulée. Rien n’a été modifié. Si le dossier ne doit pas aboutir tel quel, mettez la "
                    "candidature en attente.",
                    {"limit": Limit(deadline_at), "end": Minute(ends_at)},
                ),
                {"ends_at": ends_at.isoformat(), "deadline_at": deadline_at.isoformat()},
            )
        case NoSpan():
            return _Answer(
                Invalid,
                "interruption-incoherente",
                Sentence(
                    "La fin de l’interruption doit venir après son début et ne peut pas être à venir. Rien "
                    "n’a été enregistré."
                ),
            )
        case Erased():
            return _Answer(Gone, "compte-supprime", Sentence("Ce compte a été supprimé."))
        case Unknown(what="file"):
            return _Answer(NotFound, "fichier-inconnu", Sentence("Ce fichier n’existe pas ou a été retiré."))
        case Unknown(what="session"):
            return _Answer(NotFound, "session-inconnue", Sentence("Aucune session n’est connue sous ce nom."))
        case Unknown():
            return _Answer(NotFound, "candidat-inconnu", Sentence("Aucun dossier n’est connu à ce numéro."))
        case _:
            raise TypeError(type(refused).__name__)


def _conflict(slug: str, text: str, **members: Any) -> _Answer:
    return _Answer(Conflict, slug, Sentence(text), members)


def _outdated(version: int | None, in_force: int) -> Sentence:
    what_to_do = (
        "elle est périmée. Imprimez la confirmation de la version %(in_force)s, vérifiez-la, datez-la, "
        f"signez-la, puis envoyez-la ici. {_KEPT}"
    )
    if version is None:
        return Sentence(
            "Cette confirmation signée est celle d’une version antérieure de votre inscription : "
            + what_to_do,
            {"in_force": in_force},
        )
    return Sentence(
        "Cette confirmation signée est celle de la version %(version)s de votre inscription : " + what_to_do,
        {"version": version, "in_force": in_force},
    )


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
