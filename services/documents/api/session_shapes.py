"""The JSON shapes of the acts on a whole session."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from services.chassis.texts import storable
from services.documents.queries import SessionState


class ActRequest(BaseModel):
    """An officer's reason, kept in the session's journal."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: Annotated[str, Field(min_length=3, max_length=2000), AfterValidator(storable)]


class OutageRequest(ActRequest):
    """`[from_at, to_at)`, both over."""

    from_at: AwareDatetime
    to_at: AwareDatetime


class OutageView(BaseModel):
    """`noticed` by the service's own watch, or `declared` by an officer.

    deadlines_before: a short one counts where the deadline came in it or minutes after, before this.
    """

    outage_id: UUID
    from_at: AwareDatetime
    to_at: AwareDatetime
    deadlines_before: AwareDatetime | None
    cause: Literal["noticed", "declared"]


class SessionActView(BaseModel):
    act: Literal["outage_declared", "settling_paused", "settling_resumed"]
    outage_id: UUID | None
    reason: str
    actor: str
    at: AwareDatetime


class SessionView(BaseModel):
    """How a session's verdicts stand.

    seen_up_at: when the service was last seen up from outside; nobody but the complete is settled before it
        was seen up after their deadline.
    gateway_logs_read_at: until when it is known whom the gateway turned away; nobody but the complete is
        settled before that is past their deadline and grace. None: no gateway's log is read.
    due, withheld: verdicts to be given now, and those that a pause or that waiting keeps back.
    """

    session_id: str
    settling_paused: bool
    seen_up_at: AwareDatetime | None
    gateway_logs_read_at: AwareDatetime | None
    due: int
    withheld: int
    outages: list[OutageView]
    journal: list[SessionActView]

    @classmethod
    def of(cls, state: SessionState) -> "SessionView":
        return cls(
            session_id=state.session_id,
            settling_paused=state.settling_paused,
            seen_up_at=state.seen.up_at,
            gateway_logs_read_at=state.seen.logs_read_at,
            due=state.due,
            withheld=state.withheld,
            outages=[OutageView.model_validate(dict(record)) for record in state.outages],
            journal=[SessionActView.model_validate(dict(record)) for record in state.journal],
        )


class OutageKeptView(BaseModel):
    """`already_cancelled`: those of the touched whom only a reinstatement helps."""

    touched: int
    already_cancelled: int
    session: SessionView
