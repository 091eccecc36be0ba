"""A draft's content as the steps use it: read and written by path, and what it comes to.

A path names a field as a form does: `identification.address.postcode`.
"""

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from services.registration.domain.checks import Complaint, spared
from services.registration.domain.places import FRANCE, plain
from services.registration.domain.rules import Rules

Content = dict[str, Any]
SPECIALITY = "candidature.speciality"
PERIODS = "modalities.experience"
_EMPTY: tuple[object, ...] = (None, "", [], {})


def get(content: Mapping[str, Any], path: str) -> Any:
    place: Any = content
    for part in path.split("."):
        if not isinstance(place, Mapping):
            return None
        place = place.get(part)
    return place


def put(content: Content, path: str, value: object) -> None:
    """Write `value` there; an empty one takes the field away."""
    *rooms, name = path.split(".")
    place = content
    for room in rooms:
        if not isinstance(place.get(room), dict):
            place[room] = {}
        place = place[room]
    if value in _EMPTY:
        place.pop(name, None)
    else:
        place[name] = value


def bare(value: Any) -> Any:
    """Without members that say nothing: a saved form and what is typed of it are then alike."""
    if isinstance(value, Mapping):
        found = {key: bare(inner) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner not in _EMPTY}
    if isinstance(value, list | tuple):
        return [bare(inner) for inner in value]
    return value


def settled(content: Mapping[str, Any], rules: Rules) -> Content:
    """What would be saved of it: a draft keeps the answers to a question that was asked before another way
    was chosen, so that who changes back finds them again."""
    found: Content = copy.deepcopy(dict(content))
    if get(found, "modalities.route") == "experience":
        put(found, "modalities.preparation", None)
    if get(found, "modalities.route") == "preparation":
        put(found, PERIODS, None)
    if get(found, "modalities.handicap.declared") is False:
        put(found, "modalities.handicap.existing", None)
        put(found, "modalities.handicap.requested", None)
    for place in spared(get(found, "candidature"), rules):
        put(found, f"candidature.{place.replace('/', '.')}", None)
    if get(found, "candidature.sport.fit") is False:
        put(found, "candidature.sport.tests", None)
        put(found, "candidature.options.sport", None)
    if not born_abroad(found):
        put(found, "identification.parents", None)
    for period in _periods(found):
        period.setdefault("ends_on", None)
    return found


def contradictions(content: Mapping[str, Any], rules: Rules) -> Iterator[Complaint]:
    """What one page says and denies at once: `settled` would drop the one half without a word."""
    kept = spared(get(content, "candidature"), rules)
    handicap = get(content, "modalities.handicap")
    if get(content, "modalities.handicap.declared") is False and (
        handicap.get("existing") or handicap.get("requested")
    ):
        yield Complaint(
            "/modalities/handicap/declared",
            "Vous répondez NON, mais vous cochez un aménagement : répondez OUI, ou décochez.",
        )
    unfit = get(content, "candidature.sport.fit") is False
    if unfit and get(content, "candidature.options.sport") and "sport" not in kept:
        yield Complaint(
            "/candidature/options/sport", "Inapte en EPS : l’épreuve facultative d’EPS n’est pas possible."
        )


def without_relation(content: Content) -> None:
    """Another speciality: whether each job is related to it has to be answered anew (R7); the rest of the
    periods stays."""
    for period in _periods(content):
        period.pop("related_field", None)


def lacks_relation(content: Mapping[str, Any]) -> bool:
    """Whether a period that counts by its route is not yet said to be related to the speciality, or not."""
    by_experience = get(content, "modalities.route") == "experience"
    return by_experience and any(period.get("related_field") is None for period in _periods(content))


def _periods(content: Mapping[str, Any]) -> list[Content]:
    found = get(content, PERIODS)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def in_france(country: object) -> bool:
    """No country is France: the question stands with that answer."""
    return not country or (isinstance(country, str) and plain(country) == plain(FRANCE))


def born_abroad(content: Mapping[str, Any]) -> bool:
    return not in_france(get(content, "identification.birth_country"))


def lives_abroad(content: Mapping[str, Any]) -> bool:
    return not in_france(get(content, "identification.address.country"))


def digest(content: Mapping[str, Any], paths: Iterable[str]) -> str:
    """Tells whether these fields are as they were when a page showed them."""
    found = bare([get(content, path) for path in paths])
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
