"""The places of a draft by the lists: found at once where there is one answer, chosen on a page where there
are several, kept as they were written where there is none."""

from collections.abc import Sequence

from services.registration.domain import labels
from services.registration.domain.checks import Complaint
from services.registration.domain.places import Commune, Places, plain
from services.registration.pages.form_content import Content, born_abroad, get, lives_abroad, put

BIRTH, CHOSEN_BIRTH = "identification.birth_commune", "identification.birth_commune_code"
HOME, CHOSEN_HOME = "identification.address.commune", "identification.address.commune_code"
_POSTCODE = "identification.address.postcode"
_LONGEST = 20


def births(content: Content, places: Places) -> tuple[Commune, ...]:
    """The communes that the written name may mean: those so named, else those whose name begins so."""
    written = str(get(content, BIRTH) or "")
    found = places.search(written, _LONGEST)
    exact = tuple(one for one in found if plain(one.name) == plain(written))
    return exact or found


def place_birth(content: Content, places: Places) -> None:
    if born_abroad(content) or not get(content, BIRTH):
        put(content, CHOSEN_BIRTH, None)
        return
    chosen = _birthplace(content, places)
    if chosen is not None and plain(chosen.name) == plain(str(get(content, BIRTH))):
        return
    found = births(content, places)
    only = found[0] if len(found) == 1 and plain(found[0].name) == plain(str(get(content, BIRTH))) else None
    put(content, CHOSEN_BIRTH, only.code if only else None)
    if only:
        put(content, BIRTH, only.name)


def chosen_birth(content: Content, places: Places) -> str | None:
    """With its département."""
    commune = _birthplace(content, places)
    return None if commune is None else labels.commune(commune.name, commune.code)


def _birthplace(content: Content, places: Places) -> Commune | None:
    return places.birthplace(str(get(content, CHOSEN_BIRTH)), str(get(content, BIRTH) or ""))


def homes(content: Content, places: Places, first: Sequence[str] = ()) -> tuple[Commune, ...]:
    """The communes of the written postcode."""
    return places.at(str(get(content, _POSTCODE) or ""), first)


def together(postcode: str) -> str:
    """One in France, as it is looked up: « 13 100 » is 13100. What is no 5 digits stays as it was typed."""
    digits = "".join(postcode.split())
    return digits if len(digits) == 5 and digits.isascii() and digits.isdigit() else postcode.strip()


def place_home(content: Content, places: Places, chosen: str = "") -> None:
    """`chosen`: the code of a commune, where the page offered some."""
    if lives_abroad(content):
        put(content, CHOSEN_HOME, None)
        return
    put(content, _POSTCODE, together(str(get(content, _POSTCODE) or "")))
    found = {one.code: one for one in homes(content, places)}
    code = chosen or str(get(content, CHOSEN_HOME))
    here = found.get(code) or (next(iter(found.values())) if len(found) == 1 else None)
    put(content, CHOSEN_HOME, here.code if here else None)
    put(content, HOME, here.name if here else None)


def home_complaints(content: Content, places: Places) -> list[Complaint]:
    """In France: no postcode, or one in which nobody lives, told before the commune is asked."""
    written = str(get(content, _POSTCODE) or "")
    if lives_abroad(content) or homes(content, places):
        return []
    if not written:
        return [Complaint("/identification/address/postcode", "Écrivez le code postal.")]
    if not (len(written) == 5 and written.isascii() and written.isdigit()):
        return [Complaint("/identification/address/postcode", "Écrivez les 5 chiffres du code postal.")]
    return [
        Complaint(
            "/identification/address/postcode",
            "Ce code postal n’est celui d’aucune commune (un CEDEX n’est pas un domicile).",
        )
    ]
