"""The entries of the menu and of the footer, by who is looking. A page names its own with `nav=`."""

from services.chassis.site.visit import Visit

Entry = tuple[str, str, str]
"""Key, address, French words (translated where they are shown)."""

_CANDIDATE: tuple[Entry, ...] = (
    ("espace", "/mon-espace", "Mon espace"),
    ("inscription", "/inscription", "M’inscrire"),
    ("documents", "/documents", "Mes documents"),
    ("messages", "/messages", "Ma boîte"),
    ("moncompte", "/compte", "Mon compte"),
)
_HELP: Entry = ("aide", "/aide", "Aide")
_OFFICER: tuple[Entry, ...] = (("agents", "/agents", "Espace des gestionnaires"),)
_ANONYMOUS: tuple[Entry, ...] = (
    ("accueil", "/", "Accueil"),
    ("notice", "/notice", "La notice"),
    ("compte", "/compte/creer", "Créer un compte"),
    ("connexion", "/connexion", "Se connecter"),
    _HELP,
)
FOOTER: tuple[Entry, ...] = (
    ("notice", "/notice", "La notice"),
    ("aide", "/aide", "Aide et questions fréquentes"),
    ("contact", "/contact", "Nous contacter"),
    ("donnees", "/compte/donnees", "Données personnelles"),
    ("accessibilite", "/accessibilite", "Accessibilité : non conforme"),
)


def candidates_part(address: str) -> Entry | None:
    """The candidate's entry that an address of this site belongs to."""
    path = address.partition("?")[0]
    return next((one for one in _CANDIDATE if path == one[1] or path.startswith(f"{one[1]}/")), None)


def candidates_page(address: str) -> str | None:
    """The words of that entry."""
    found = candidates_part(address)
    return None if found is None else found[2]


def entries(visit: Visit) -> tuple[Entry, ...]:
    if visit.is_candidate:
        return (*_CANDIDATE, _HELP)
    return _OFFICER if visit.is_officer else _ANONYMOUS
