"""Reconciliation's own logic, over more candidates than one page holds."""

from datetime import UTC, datetime
from uuid import UUID

from temporalio.testing import WorkflowEnvironment

from services.contracts.recovery import (
    AccountLine,
    DocumentsLine,
    NotificationsLine,
    RegistrationLine,
    Repair,
)
from services.contracts.stages import AccountState, Stage
from tests.workflow.recovering import Services, reconciled
from workflows.recovery.shapes import Scope

SCOPE = Scope(page_size=2, patience_seconds=1)
EVERYBODY = [UUID(int=number) for number in range(1, 6)]


def agreed(services: Services, one: UUID) -> None:
    """Somebody whose life is over, everywhere alike."""
    deadline = datetime(2020, 11, 30, tzinfo=UTC)
    services.lines["accounts"][one] = AccountLine(
        candidate_id=one, session_id="2021", revision=3, state=AccountState.ACTIVATED, ended=True
    )
    services.lines["registration"][one] = RegistrationLine(
        candidate_id=one, revision=3, stage=Stage.CONFIRMED, version=1, deadline_at=deadline, ended=True
    )
    services.lines["documents"][one] = DocumentsLine(
        candidate_id=one,
        registration_revision=3,
        stage=Stage.CONFIRMED,
        version=1,
        deadline_at=deadline,
        ended=True,
    )
    services.lines["notifications"][one] = NotificationsLine(candidate_id=one, revision=7)


async def test_a_repair_of_several_pages_is_told_of_each_what_its_owner_says(
    env: WorkflowEnvironment,
) -> None:
    services = Services()
    for one in EVERYBODY:
        agreed(services, one)
        services.lines["notifications"][one] = NotificationsLine(
            candidate_id=one, revision=7, reachable=False
        )

    def hear(_service: str, asked: Repair) -> None:
        for item in asked.items:
            line = services.lines["documents"][item.key]
            heard = {"unreachable_told": item.state == "unreachable" and item.revision == 7}
            services.lines["documents"][item.key] = line.model_copy(update=heard)

    services.mend = hear
    report = await reconciled(env.client, services, SCOPE)
    ((service, repair),) = services.repairs
    assert (service, repair.act) == ("documents", "hear_reachability")
    assert [item.key for item in repair.items] == EVERYBODY
    assert {(item.state, item.revision) for item in repair.items} == {("unreachable", 7)}
    assert report.candidates == 5
    assert report.repaired_by_kind == {"reachability_unheard": 5}
    assert report.left_by_kind == {}


async def test_what_was_lost_of_many_is_asked_for_once(env: WorkflowEnvironment) -> None:
    services = Services()
    facts = {one: UUID(int=1000 + one.int) for one in EVERYBODY}
    for one in EVERYBODY:
        agreed(services, one)
        told = services.lines["documents"][one]
        kind = "documents.DocumentUploaded.v1"
        services.lines["documents"][one] = told.model_copy(update={"facts": {kind: (facts[one],)}})
    services.lost["notifications.documents"] = set(facts.values())
    services.mend = lambda _service, _asked: services.lost.clear()
    report = await reconciled(env.client, services, SCOPE)
    ((service, repair),) = services.repairs
    assert (service, repair.act) == ("documents", "republish")
    assert [item.key for item in repair.items] == EVERYBODY
    assert report.repaired_by_kind == {"facts_of_documents_unheard": 5}


SESSION, OVER = "2021", "2020"


def with_sessions(services: Services) -> Services:
    """One has its deadline ahead, of the other nobody awaits anything any more."""
    services.sessions = {SESSION: UUID(int=2021), OVER: UUID(int=2020)}
    services.ahead = {("documents", SESSION)}
    return services


async def test_a_closing_that_temporal_lost_is_begun_again_where_a_limit_is_ahead(
    env: WorkflowEnvironment,
) -> None:
    """The fact that began it is told once; without it mass decisions would wait for each one's own clock."""
    services = with_sessions(Services())
    for one in EVERYBODY:
        agreed(services, one)

    def begin(_service: str, asked: Repair) -> None:
        services.closings |= {item.said("session_id") for item in asked.items}

    services.mend = begin
    report = await reconciled(env.client, services, SCOPE)
    ((service, repair),) = services.repairs
    assert (service, repair.act) == ("lives", "start_closing")
    assert services.closings == {SESSION}
    assert report.repaired_by_kind == {"closing_missing": 1}
    assert report.left_by_kind == {}


async def test_a_closing_that_runs_is_left_alone(env: WorkflowEnvironment) -> None:
    services = with_sessions(Services())
    services.closings = {SESSION}
    report = await reconciled(env.client, services, SCOPE)
    assert (services.repairs, report.left_by_kind) == ([], {})


async def test_of_another_session_than_the_one_asked_about_no_closing_is_begun(
    env: WorkflowEnvironment,
) -> None:
    services = with_sessions(Services())
    report = await reconciled(env.client, services, SCOPE.model_copy(update={"session_id": OVER}))
    assert (services.repairs, report.left_by_kind) == ([], {})


async def test_a_closing_that_cannot_be_begun_is_raised(env: WorkflowEnvironment) -> None:
    services = with_sessions(Services())
    report = await reconciled(env.client, services, SCOPE)
    assert {(found.kind, found.seen) for found in report.left} == {("closing_missing", "2021: documents")}
