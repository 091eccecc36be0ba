"""The confirmation as a download, for the API and the pages alike."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from services.chassis.context import Context
from services.registration.confirmation import render
from services.registration.domain.errors import NothingSaved
from services.registration.queries import read_version, session_of, standing_of
from services.registration.settings import Settings
from services.registration.sheet import Sheet


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
        stored = await read_version(conn, candidate_id, version or row.version)
        calendar = await session_of(conn, row.session_id)
    pdf = await render(
        Sheet(
            version=stored,
            latest=row.version,
            calendar=calendar,
            deadline_at=row.deadline_at,
            configuration=ctx.settings.configuration,
        ),
        at_once=ctx.settings.pdf_at_once,
    )
    name = f"confirmation-inscription-version-{stored.version}.pdf"
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
