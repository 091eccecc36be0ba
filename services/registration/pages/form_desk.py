"""What lies on the candidate's desk: the draft, else the version in force; and how an answer is kept.

A page says which fields it showed (`vu`, a digest). Two windows on different questions do not disturb each
other; on the same question the second is told, and both answers are shown.
"""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from services.chassis.context import Context
from services.contracts.events import Calendar
from services.contracts.stages import Stage
from services.registration.commands.draft import Draft, keep, read_draft
from services.registration.commands.turned_away import kept_in_mind
from services.registration.domain import labels
from services.registration.domain.candidature import UNDECIDED, Candidature
from services.registration.domain.changes import Change, changes
from services.registration.domain.checks import Complaint
from services.registration.domain.drafting import may_keep
from services.registration.domain.errors import DraftMismatch, NotAllowed, TooSlow, WindowShut
from services.registration.domain.rules import Configuration, Rules
from services.registration.domain.window import last_day
from services.registration.guidance import next_of
from services.registration.pages.form_content import Content, bare, contradictions, digest, get, settled
from services.registration.pages.form_steps import Step, asked
from services.registration.pages.room import french
from services.registration.queries import Version, read_version, session_of, standing_of
from services.registration.review import Review, review
from services.registration.settings import Settings
from services.registration.wording import headline

_TRIES = 5


class Overtaken(Exception):
    """Another window answered the same question meanwhile; nothing was kept of this one."""

    def __init__(self, desk: "Desk", typed: Content, seen: str) -> None:
        super().__init__()
        self.desk = desk
        self.typed = typed
        self.seen = seen


@dataclass
class Desk:
    """`content` as it is kept; `shut`: why nothing can be kept or saved any more, at `arrived_at`, for who
    looks: `refuse_where_shut` says it to who sends something."""

    settings: Settings
    arrived_at: datetime
    row: Candidature
    calendar: Calendar
    draft: Draft | None
    saved: Version | None
    content: Content
    shut: WindowShut | NotAllowed | None

    @property
    def configuration(self) -> Configuration:
        return self.settings.configuration

    @property
    def rules(self) -> Rules:
        return self.configuration.rules

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Those that this candidate goes through."""
        return asked(self.content, self.rules)

    @property
    def revision(self) -> int:
        return 0 if self.draft is None else self.draft.revision

    @property
    def withdrawn(self) -> bool:
        """Saving again undoes it, changed or not (ours 9)."""
        return self.row.stage is Stage.WITHDRAWN

    @property
    def headline(self) -> str:
        """Where the candidature stands; of its pieces these pages know nothing."""
        return headline(self.row, None)

    @property
    def hands_in(self) -> bool:
        """Whether the pieces of what is shown may still be handed in: once it is saved, or as the version in
        force."""
        if self.shut is None:
            return True
        after = next_of(self.row, self.arrived_at, appeal_months=self.configuration.rules.appeal.months)
        return self.draft is None and after.doing == "documents"

    @property
    def waits_for_pieces(self) -> bool:
        """Whether what is saved counts only with its pieces, and these may still be handed in."""
        return self.row.stage in UNDECIDED and self.arrived_at < self.row.deadline_at

    @property
    def judged(self) -> bool:
        """Whether R7 is told of what is shown: it may still be saved, or an officer looks at it."""
        return self.shut is None or (self.draft is None and self.row.doubtful)

    @property
    def early(self) -> bool:
        return isinstance(self.shut, WindowShut) and self.shut.arrived_at < self.shut.opens_at

    @property
    def last_day(self) -> date:
        """The window's, of the session: up to it is counted, also where the form was opened again."""
        return last_day(self.calendar.closes_at)

    @cached_property
    def settled(self) -> Content:
        return settled(self.content, self.rules)

    @cached_property
    def found(self) -> Review:
        return self.review(self.content)

    @property
    def outdated(self) -> bool:
        """Somebody saved after the draft was begun."""
        return self.draft is not None and self.draft.base_version != self.row.version

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the draft would change in the version in force."""
        if self.draft is None or self.saved is None:
            return ()
        written = self.found.form
        after = self.content if written is None else written.model_dump(mode="json")
        return self.differences(self.saved.form.model_dump(mode="json"), after)

    def review(self, content: Content) -> Review:
        return review(settled(content, self.rules), self.configuration, self.settings.places, self.last_day)

    def differences(self, before: Content, after: Content) -> tuple[Change, ...]:
        before, after = (settled(side, self.rules) for side in (before, after))
        names: dict[str, Callable[[str], str]] = dict.fromkeys(labels.COUNTRIES, french)
        names[labels.SPECIALITY] = lambda one: french(self.title(one))
        return changes(before, after, names)

    def title(self, speciality: str) -> str:
        found = self.configuration.speciality(speciality)
        return found.title if found else speciality

    def seen(self, paths: Iterable[str]) -> str:
        return digest(self.content, paths)

    def complaints(self, step: Step) -> list[Complaint]:
        """What is missing or wrong in what the step is about. Handicap has to be answered (R8), though the
        form takes no answer for NO."""
        found = [one for one in (*self.found.missing, *self.found.wrong) if _of(step, one.pointer)]
        if step.slug == "handicap" and get(self.content, "modalities.handicap.declared") is None:
            found.append(Complaint("/modalities/handicap/declared", "Répondez OUI ou NON."))
        if step.slug == "handicap":
            found += [one for one in contradictions(self.content, self.rules) if _of(step, one.pointer)]
        return found

    def state(self, step: Step) -> str:
        """`complete`, `missing`, `begun`, `wrong` or `optional`."""
        wrong = any(_of(step, one.pointer) for one in self.found.wrong)
        begun = any(bare(get(self.content, path)) not in (None, "", [], {}, False) for path in step.about)
        if wrong:
            return "wrong"
        if self.complaints(step):
            return "begun" if begun else "missing"
        return "optional" if step.optional and not begun else "complete"


async def open_desk(ctx: Context[Settings], candidate_id: UUID, arrived_at: datetime) -> Desk:
    """Raises Erased, Unknown (session)."""
    async with ctx.database.connection() as conn:
        row = await standing_of(conn, candidate_id, arrived_at)
        calendar = await session_of(conn, row.session_id)
        draft = await read_draft(conn, candidate_id)
        saved = await read_version(conn, candidate_id, row.version) if row.version else None
    if draft is not None:
        content = bare(draft.content)
    else:
        content = {} if saved is None else bare(saved.form.model_dump(mode="json"))
    shut: WindowShut | NotAllowed | None = None
    try:
        may_keep(row, arrived_at=arrived_at, opens_at=calendar.opens_at)
    except TooSlow:
        shut = NotAllowed("save", row.stage)
    except (WindowShut, NotAllowed) as refused:
        shut = refused
    return Desk(ctx.settings, arrived_at, row, calendar, draft, saved, content, shut)


async def refuse_where_shut(ctx: Context[Settings], desk: Desk) -> None:
    """Before anything is kept of what was sent.

    Raises:
        WindowShut, TooSlow, NotAllowed: why nothing can be. Erased.
    """
    if desk.shut is not None:
        async with kept_in_mind(ctx, desk.row.candidate_id, desk.arrived_at):
            may_keep(desk.row, arrived_at=desk.arrived_at, opens_at=desk.calendar.opens_at)


async def keep_answers(
    ctx: Context[Settings],
    candidate_id: UUID,
    arrived_at: datetime,
    *,
    paths: Iterable[str],
    seen: str,
    amend: Callable[[Content], None],
) -> Desk:
    """Keep what `amend` makes of the content, if `paths` are as they were when they were `seen`.

    Raises:
        Overtaken, WindowShut, TooSlow, NotAllowed, Incorrect, Erased, Unknown.
    """
    watched = tuple(paths)
    for _ in range(_TRIES):
        desk = await open_desk(ctx, candidate_id, arrived_at)
        content = copy.deepcopy(desk.content)
        amend(content)
        content = bare(content)
        if content == desk.content and (desk.draft or desk.saved):
            return desk
        await refuse_where_shut(ctx, desk)
        present = desk.seen(watched)
        if present not in (seen, digest(content, watched)):
            raise Overtaken(desk, content, present)
        try:
            desk.draft = await keep(
                ctx, candidate_id, content, arrived_at=arrived_at, expected_revision=desk.revision
            )
        except DraftMismatch:
            continue
        desk.content = content
        return desk
    raise Overtaken(desk, content, present)


def _of(step: Step, pointer: str) -> bool:
    """A complaint about a whole of which the step asks a part is the step's too."""
    at = f"{pointer}/"
    return any(
        at.startswith(f"{own}/") or f"{own}/".startswith(at)
        for own in ("/" + path.replace(".", "/") for path in step.about)
    )
