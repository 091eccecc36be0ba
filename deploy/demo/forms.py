"""A form as a candidate of the demo and of the tests fills it in: valid, eligible by preparation."""

from typing import Any


def valid_form(
    forename: str = "Camille", email: str = "camille.durand@exemple.test", **changes: dict[str, Any]
) -> dict[str, Any]:
    """The JSON of a whole form; `changes` replace members of a tab: `candidature={"sport": …}`."""
    form: dict[str, Any] = {
        "modalities": {
            "form": "globale",
            "route": "preparation",
            "preparation": {
                "kind": "distance",
                "establishment": "CNED",
                "ends_on": "2020-06-30",
                "complete": True,
            },
            "handicap": {"declared": False},
        },
        "identification": {
            "birth_name": "Durand",
            "forenames": forename,
            "sex": "F",
            "birth_date": "1994-05-17",
            "birth_commune": "Aubagne",
            "nationality": "francaise",
            "address": {"lines": ["12 rue des Lilas"], "postcode": "13400", "commune": "Aubagne"},
            "phone": "06 39 98 12 34",
            "email": email,
        },
        "candidature": {
            "speciality": "assp-structure",
            "sport": {"fit": True, "tests": ["danse", "demi_fond"]},
            "options": {"language": "italien"},
            "acquis": [{"kind": "dispense", "paper": "E5", "title": "Baccalauréat général"}],
        },
    }
    for tab, members in changes.items():
        form[tab] |= members
    return form
