"""What accounts refuses, in the reader's words."""

from services.accounts.domain.errors import (
    AccountGone,
    AccountsError,
    BadAddress,
    KeptElsewhere,
    LinkExpired,
    LinkUsed,
    NoSession,
    NoSuchCandidate,
    NotThePassword,
    Overloaded,
    SessionOver,
    TooManyTries,
    UnknownLink,
    WeakPassword,
    WindowNotOpen,
    WrongCredentials,
    WrongPassword,
)
from services.chassis.problems import (
    Conflict,
    FieldError,
    Forbidden,
    Gone,
    Internal,
    Invalid,
    NotAuthenticated,
    NotFound,
    Problem,
    TooManyRequests,
    Unavailable,
)
from services.chassis.times import paris_limit, paris_minute

NOT_THE_PASSWORD = (
    "Ce n’est pas le mot de passe choisi en créant le compte. Le compte n’est pas encore activé : vérifiez "
    "le mot de passe, ou demandez à en choisir un autre."
)
WRONG_PASSWORD = "Ce n’est pas votre mot de passe. Rien n’a été modifié."
ADDRESS_ADVICE = "Cette adresse e-mail n’est pas valable. Vérifiez-la ; exemple : prenom.nom@domaine.fr."


def problem_of(error: AccountsError) -> Problem:
    """The problem that a caller gets for `error`."""
    match error:
        case NoSession():
            return Unavailable(
                "calendrier-inconnu",
                "Les dates d’inscription ne sont pas encore connues de ce service. Réessayez plus tard.",
                headers={"Retry-After": "60"},
            )
        case WindowNotOpen():
            return _window_not_open(error)
        case BadAddress():
            return _invalid("/email", ADDRESS_ADVICE)
        case WeakPassword():
            return _invalid("/password", error.reason)
        case UnknownLink():
            return NotFound(
                "lien-inconnu",
                "Ce lien n’est pas valable. Ouvrez-le depuis le message reçu, ou copiez-le en entier.",
            )
        case LinkExpired():
            return Gone(
                "lien-expire",
                "Ce lien n’est plus valable : son délai est passé. Si votre compte n’a pas été activé à "
                "temps, il a été supprimé : créez-le à nouveau tant que la pré-inscription est ouverte. "
                "Pour un mot de passe oublié, demandez un nouveau lien.",
            )
        case LinkUsed():
            return Conflict(
                "lien-deja-utilise", "Ce lien a déjà été utilisé. Vous pouvez vous connecter à votre compte."
            )
        case NotThePassword():
            return Invalid(
                "mot-de-passe-different", NOT_THE_PASSWORD, errors=_at("/password", NOT_THE_PASSWORD)
            )
        case WrongCredentials():
            return NotAuthenticated(
                "identifiants-incorrects",
                "Adresse e-mail ou mot de passe incorrect, ou compte pas encore activé. Pour activer le "
                "compte, suivez le lien du message reçu à sa création et saisissez le mot de passe choisi.",
            )
        case WrongPassword():
            return Invalid(
                "mot-de-passe-incorrect", WRONG_PASSWORD, errors=_at(f"/{error.field}", WRONG_PASSWORD)
            )
        case AccountGone():
            return Gone("compte-supprime", "Ce compte n’existe plus.")
        case NoSuchCandidate():
            return NotFound(
                "candidat-inconnu", "Aucun candidat ne porte cet identifiant. Rien n’a été effacé."
            )
        case KeptElsewhere():
            return Unavailable(
                "service-muet",
                "Aucun compte ne porte cet identifiant, et un autre service, qui garde peut-être quelque "
                "chose de cette personne, ne répond pas. Rien n’a été effacé : réessayez quand il répond.",
                headers={"Retry-After": "30"},
            )
        case SessionOver():
            return Forbidden(
                "session-terminee", "La session d’examen est terminée : votre espace n’est plus accessible."
            )
        case TooManyTries():
            minutes = -(-error.retry_after_seconds // 60)
            return TooManyRequests(
                "trop-d-essais",
                "Trop de demandes en peu de temps. "
                f"Réessayez dans {minutes} minute{'s' if minutes > 1 else ''}.",
                headers={"Retry-After": str(error.retry_after_seconds)},
            )
        case Overloaded():
            return Unavailable(
                "trop-de-demandes",
                "Beaucoup de personnes se connectent en ce moment. Rien n’a été enregistré : réessayez dans "
                "quelques instants.",
                headers={"Retry-After": "5"},
            )
        case _:
            return Internal("erreur-interne", "Une erreur de notre fait est survenue.")


def _window_not_open(error: WindowNotOpen) -> Problem:
    session = error.nearest
    opens, closes = paris_minute(session.opens_at), paris_limit(session.closes_at)
    if error.over:
        slug, said = (
            "inscription-close",
            f"La pré-inscription ({session.label}) est close depuis le {closes}.",
        )
    else:
        slug, said = (
            "inscription-pas-ouverte",
            f"La pré-inscription ({session.label}) n’est pas encore ouverte.",
        )
    return Conflict(
        slug,
        f"{said} Un compte peut être créé du {opens} au {closes} (heure de Paris).",
        opens_at=session.opens_at.isoformat(),
        closes_at=session.closes_at.isoformat(),
    )


def _invalid(pointer: str, detail: str) -> Problem:
    return Invalid(
        "donnees-invalides",
        "Certaines données sont à corriger. Rien n’a été enregistré.",
        errors=_at(pointer, detail),
    )


def _at(pointer: str, detail: str) -> list[FieldError]:
    return [FieldError(pointer=pointer, detail=detail)]
