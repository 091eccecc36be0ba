"""The candidate saves the form."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.chassis.context import Context
from services.chassis.database import Connection
from services.chassis.failpoints import Failpoint, reach
from services.contracts.internal import DuePiece
from services.contracts.stages import Stage
from services.registration.commands import rows
from services.registration.commands.draft import used
from services.registration.commands.turned_away import kept_in_mind
from services.registration.domain.candidature import Candidature
from services.registration.domain.checklist import due_pieces
from services.registration.domain.checks import complaints
from services.registration.domain.eligibility import Condition, assess
from services.registration.domain.errors import Incorrect
from services.registration.domain.form import Form
from services.registration.domain.location import located, misplaced
from services.registration.domain.saving import saved
from services.registration.domain.window import PARIS, last_day
from services.registration.queries import Version, current_session, read_version, session_of
from services.registration.review import judged
from services.registration.settings import Settings
from services.registration.statements import sql


@dataclass(frozen=True, slots=True)
class Saved:
    """The version in force after a save, and R7 of it, condition by condition.

    `created` is false when a retry found its own work done.
    """

    version: Version
    conditions: tuple[Condition, ...]
    candidature: Candidature
    created: bool


async def save(
    ctx: Context[Settings],
    candidate_id: UUID,
    form: Form,
    *,
    arrived_at: datetime,
    expected_version: int,
    draft_revision: int | None = None,
) -> Saved:
    """Save `form` over `expected_version` (0: nothing saved yet), and drop the draft it was made of.

    A retry whose first answer was lost names the version before its own: it gets that answer again, also
    after the window closed, and nothing happens twice. One that came in time and did not end in time is kept
    in mind as turned away (decision 0014): the fault is ours.

    Raises:
        WindowShut, TooSlow, VersionMismatch, NotAllowed, Incorrect, Erased, Unknown.
    """
    form = located(form, ctx.settings.places)
    async with kept_in_mind(ctx, candidate_id, arrived_at):
        return await _over(ctx, candidate_id, form, arrived_at, expected_version, draft_revision)


async def _over(
    ctx: Context[Settings],
    candidate_id: UUID,
    form: Form,
    arrived_at: datetime,
    expected_version: int,
    draft_revision: int | None,
) -> Saved:
    async with ctx.database.transaction() as conn:
        current = await current_session(conn, arrived_at)
        row = await rows.lock_or_create(conn, candidate_id, current.session_id, Stage.ACTIVATED)
        calendar = await session_of(conn, row.session_id)
        configuration = ctx.settings.configuration
        if (done := await _done_before(conn, row, form, expected_version)) is not None:
            return Saved(done, judged(done, configuration.rules, calendar), row, created=False)
        day = last_day(calendar.closes_at)
        wrong = [*complaints(form, configuration, day), *misplaced(form, ctx.settings.places)]
        speciality = configuration.speciality(form.candidature.speciality)
        eligibility = assess(
            form, configuration.rules.eligibility, day, calendar.ends_at.astimezone(PARIS).date()
        )
        now = await ctx.clock.now(conn)
        step = saved(
            row,
            arrived_at=arrived_at,
            now=now,
            opens_at=calendar.opens_at,
            expected_version=expected_version,
            eligible=eligibility.eligible,
            portfolio=speciality.portfolio if speciality else None,
        )
        if wrong:
            raise Incorrect(wrong)
        version = Version(
            version=step.candidature.version,
            form=form,
            arrived_at=arrived_at,
            saved_at=now,
            code=_code(),
            eligible=eligibility.eligible,
            reasons=eligibility.reasons,
            checklist=due_pieces(form, configuration.rules, day),
        )
        await rows.take(conn, step, at=now, actor=rows.CANDIDATE)
        await _add(conn, candidate_id, version)
        if draft_revision is not None:
            await used(conn, candidate_id, draft_revision)
    reach(Failpoint.SAVE_BEFORE_ANSWER)
    return Saved(version, eligibility.conditions, step.candidature, created=True)


async def _done_before(
    conn: Connection, row: Candidature, form: Form, expected_version: int
) -> Version | None:
    if row.version != expected_version + 1 or row.stage is Stage.WITHDRAWN:
        return None
    latest = await read_version(conn, row.candidate_id, row.version)
    return latest if latest.form == form else None


async def _add(conn: Connection, candidate_id: UUID, version: Version) -> None:
    await sql.add_version(
        conn,
        candidate_id=candidate_id,
        version=version.version,
        form=version.form.model_dump(mode="json"),
        arrived_at=version.arrived_at,
        saved_at=version.saved_at,
        code=version.code,
        eligible=version.eligible,
        reasons=list(version.reasons),
        checklist=[DuePiece.model_dump(piece) for piece in version.checklist],
    )


def _code() -> str:
    """128 random bits in capitals and figures, which a QR code holds most compactly."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
