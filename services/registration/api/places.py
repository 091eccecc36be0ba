"""For everybody, without login: communes by postcode or by name, and the countries."""

from typing import Annotated, Self

from fastapi import APIRouter, Query

from services.registration.api.resources import Opened
from services.registration.api.shapes import Shape
from services.registration.domain.places import Commune

router = APIRouter(prefix="/api/registration", tags=["public"])


class CommuneView(Shape):
    """`academy`: in a département of the académie (R7)."""

    code: str
    name: str
    department: str
    postcodes: tuple[str, ...]
    academy: bool

    @classmethod
    def of(cls, commune: Commune, departments: tuple[str, ...]) -> Self:
        return cls(
            code=commune.code,
            name=commune.name,
            department=commune.department,
            postcodes=commune.postcodes,
            academy=commune.department in departments,
        )


@router.get("/communes")
async def communes(
    ctx: Opened,
    postcode: Annotated[str | None, Query(pattern="^[0-9]{5}$")] = None,
    name: Annotated[str | None, Query(max_length=80)] = None,
) -> tuple[CommuneView, ...]:
    """Those of a postcode, the académie's first, or those whose name begins so, 20 at most; neither: none."""
    departments = ctx.settings.configuration.rules.eligibility.departments
    places = ctx.settings.places
    found = places.search(name or "") if postcode is None else places.at(postcode, departments)
    return tuple(CommuneView.of(one, departments) for one in found)


@router.get("/countries")
async def countries(ctx: Opened) -> tuple[str, ...]:
    """France first, then the others in French order."""
    return ctx.settings.places.countries
