"""The versions saved, the latest first, each with what it changed from the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.registration.domain import labels
from services.registration.domain.changes import Change, changes
from services.registration.domain.rules import Configuration
from services.registration.queries import Version


@dataclass(frozen=True, slots=True)
class Past:
    """`changes` is None where the version before is not known: the first, or one too long ago."""

    version: Version
    changes: tuple[Change, ...] | None


def history(
    versions: Sequence[Version], configuration: Configuration, official: Callable[[str], str] = str
) -> list[Past]:
    """Of versions as `queries.read_versions` gives them. `official`: how a diploma's name or a country's is
    set."""

    def title(speciality_id: str) -> str:
        speciality = configuration.speciality(speciality_id)
        return official(speciality_id if speciality is None else speciality.title)

    names = {labels.SPECIALITY: title} | dict.fromkeys(labels.COUNTRIES, official)
    told = [
        Past(
            after,
            changes(before.form.model_dump(mode="json"), after.form.model_dump(mode="json"), names),
        )
        for after, before in pairwise(versions)
    ]
    return [*told, *(Past(version, None) for version in versions[-1:])]
