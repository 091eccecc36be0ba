"""The form's places against the lists: found and completed, or named with what to correct."""

from collections.abc import Iterator

from services.registration.domain.checks import Complaint
from services.registration.domain.form import Address, Form, Identification
from services.registration.domain.places import Places


def located(form: Form, places: Places) -> Form:
    """`form` with its places as the lists write them: the commune's code from its postcode and name, the
    commune's name from its code, countries in the list's spelling. What is not found stays as it was."""
    who = form.identification
    country = places.country(who.birth_country) or who.birth_country
    birth = places.birthplace(who.birth_commune_code, who.birth_commune) if who.birth_commune_code else None
    identification = who.model_copy(
        update={
            "birth_country": country,
            "birth_commune": birth.name if birth else who.birth_commune,
            "address": _address(who.address, places),
        }
    )
    return form.model_copy(update={"identification": identification})


def misplaced(form: Form, places: Places) -> list[Complaint]:
    """What is wrong with the places of a form that `located` has seen."""
    return [
        *_birth(form.identification, places),
        *_residence(form.identification.address, places),
    ]


def _address(address: Address, places: Places) -> Address:
    country = places.country(address.country) or address.country
    if not address.in_france:
        return address.model_copy(update={"country": country})
    if address.commune_code is None:
        found = places.named(address.postcode or "", address.commune)
    else:
        found = places.commune(address.commune_code)
    if found is None:
        return address.model_copy(update={"country": country})
    return address.model_copy(update={"country": country, "commune": found.name, "commune_code": found.code})


def _birth(who: Identification, places: Places) -> Iterator[Complaint]:
    if places.country(who.birth_country) is None:
        yield Complaint("/identification/birth_country", "Choisissez le pays dans la liste.")
    if who.birth_commune_code is not None and places.commune(who.birth_commune_code) is None:
        yield Complaint("/identification/birth_commune", "Cette commune n’est pas dans la liste.")


def _residence(address: Address, places: Places) -> Iterator[Complaint]:
    at = "/identification/address"
    if places.country(address.country) is None:
        yield Complaint(f"{at}/country", "Choisissez le pays dans la liste.")
    if not address.in_france:
        return
    known = places.at(address.postcode or "")
    commune = places.commune(address.commune_code) if address.commune_code else None
    if commune is not None:
        if known and address.postcode not in commune.postcodes:
            yield Complaint(f"{at}/postcode", "Ce code postal n’est pas celui de la commune choisie.")
    elif not known:
        yield Complaint(
            f"{at}/postcode", "Ce code postal n’est celui d’aucune commune (un CEDEX n’est pas un domicile)."
        )
    else:
        yield Complaint(f"{at}/commune", f"Choisissez la commune dans la liste du {address.postcode}.")
