"""The confirmation as a download, for the API and the pages alike."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.chassis.context import Context
from services.chassis.database import Connection
from services.registration.confirmation import render
from services.registration.domain.candidature import Candidature
from services.registration.domain.errors import NothingSaved
from services.registration.queries import read_version, session_of, standing_of
from services.registration.settings import Settings
from services.registration.sheet import Sheet


async def sheet_of(conn: Connection, settings: Settings, row: Candidature, version: int) -> Sheet:
    """What the confirmation of a version prints, as the candidature stands."""
    return Sheet(
        version=await read_version(conn, row.candidate_id, version),
        latest=row.version,
        stage=row.stage,
        calendar=await session_of(conn, row.session_id),
        closes_at=row.closes_at,
        deadline_at=row.deadline_at,
        configuration=settings.configuration,
    )


async def confirmation_file(
    ctx: Context[Settings], candidate_id: UUID, arrived_at: datetime, version: int | None = None
) -> Response:
    """The confirmation of a version, the latest if none is named; an older one's is marked périmée.

    Raises:
        NothingSaved, Erased, Unknown.
    """
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, candidate_id, arrived_at)
        if row.version == 0:
            raise NothingSaved
        sheet = await sheet_of(conn, ctx.settings, row, version or row.version)
    pdf = await render(sheet, at_once=ctx.settings.pdf_at_once)
    name = f"confirmation-inscription-version-{sheet.version.version}.pdf"
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
