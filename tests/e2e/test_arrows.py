"""How a fact travels: each arrow of the architecture's diagram, seen on the real parts for one candidate.

    request → commands → outbox → relay → Kafka → inbox → effect
                                            └→ bridge → workflow → activity on the owner's queue

The candidate has opened an account, activated it, saved the form and given every piece; the window is open.
How the clock's side ends is in `test_verdicts`.
"""

import json
import re
from typing import Any
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey

from services.contracts.envelope import decode
from services.contracts.events import CATALOGUE
from services.contracts.topics import BY_NAME
from services.notifications.domain import message_id
from tests.e2e.conftest import Lives
from tests.e2e.house import House, until
from workflows.search_attributes import NEXT_DEADLINE_AT, PORTFOLIO, SESSION, STAGE

SERVICES = ("accounts", "registration", "documents", "notifications")
LISTENERS = {
    "accounts": ("registration", "documents", "notifications"),
    "registration": ("accounts", "documents", "notifications"),
    "documents": ("registration", "notifications"),
    "notifications": ("accounts",),
}
"""Owner of the facts → who takes them in behind an inbox."""
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-9a-f]")
Row = dict[str, Any]


@pytest.fixture(scope="module")
async def traveller(lives: Lives) -> UUID:
    return lives.traveller.id


@pytest.fixture(scope="module")
async def told(house: House, lives: Lives, traveller: UUID) -> dict[str, list[Row]]:
    """What each service's outbox says of the candidate, once all of it is published and mailed."""

    async def at_rest() -> dict[str, list[Row]] | None:
        found = {service: await house.outbox(service, traveller) for service in SERVICES}
        mails = await house.rows(
            "notifications", "SELECT kind, state FROM mail WHERE candidate_id = $1", traveller
        )
        kinds = {mail["kind"] for mail in mails}
        if not kinds >= {"activation", "registration_saved", "checklist_complete"}:
            return None
        if any(mail["state"] not in ("sent", "moot") for mail in mails):
            return None
        rows = [row for rows in found.values() for row in rows]
        return found if all(row["published_at"] for row in rows) else None

    return await until(at_rest, "every fact of the candidate is published and every mail sent")


def _types(rows: list[Row]) -> list[str]:
    return [row["type"].split(".")[1] for row in rows]


# (first, because the window closes soon)
# --- Kafka → bridge → workflow → activity -----------------------------------------------------------


async def test_the_life_runs_under_the_candidates_id_and_shows_its_next_limit(
    house: House, lives: Lives, told: dict[str, list[Row]], traveller: UUID
) -> None:
    client = await house.temporal()
    portfolio = await house.row(
        "registration", "SELECT portfolio FROM candidature WHERE candidate_id = $1", traveller
    )
    expected: dict[SearchAttributeKey[Any], object] = {
        SESSION: "courte",
        STAGE: "registered",
        PORTFOLIO: str(portfolio["portfolio"]),
        NEXT_DEADLINE_AT: lives.calendar.closes_at,
    }

    async def shown() -> bool:
        life = await client.get_workflow_handle(str(traveller)).describe()
        assert life.status is WorkflowExecutionStatus.RUNNING
        found = {attribute.key: attribute.value for attribute in life.typed_search_attributes}
        return {key: found.get(key) for key in expected} == expected

    await until(shown, f"the life shows {expected}")


async def test_the_life_asked_each_owner_on_its_own_queue_and_was_woken_without_a_word(
    house: House, traveller: UUID, told: dict[str, list[Row]]
) -> None:
    client = await house.temporal()
    history = await client.get_workflow_handle(str(traveller)).fetch_history()
    asked, pokes = set(), 0
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled = event.activity_task_scheduled_event_attributes
            asked.add((scheduled.activity_type.name, scheduled.task_queue.name))
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
            signal = event.workflow_execution_signaled_event_attributes
            assert signal.signal_name == "poke"
            assert not signal.input.payloads
            pokes += 1
    owners = ("accounts", "registration", "documents")
    assert asked >= {(f"{owner}.next_step", owner) for owner in owners}
    assert pokes >= 1


# --- request → row and outbox -----------------------------------------------------------------------


async def test_each_request_left_its_row(house: House, lives: Lives, traveller: UUID) -> None:
    account = await house.row("accounts", "SELECT state, email FROM account WHERE id = $1", traveller)
    assert account == {"state": "activated", "email": lives.traveller.email}
    version = await house.row(
        "registration", "SELECT version, form FROM registration_version WHERE candidate_id = $1", traveller
    )
    assert version["version"] == 1
    assert json.loads(version["form"])["identification"]["forenames"] == "Thelma"
    files = await house.rows("documents", "SELECT piece FROM file WHERE candidate_id = $1", traveller)
    assert sorted(file["piece"] for file in files) == sorted(await lives.traveller.pieces())


async def test_each_row_left_its_fact_in_the_same_services_outbox(
    lives: Lives, told: dict[str, list[Row]]
) -> None:
    pieces = len(await lives.traveller.pieces())
    assert _types(told["accounts"]) == ["AccountCreated", "ActivationPeriodStarted", "AccountActivated"]
    assert _types(told["registration"]) == ["RegistrationSaved", "ConfirmationIssued"]
    assert _types(told["documents"]) == ["DocumentUploaded"] * pieces + ["ChecklistCompleted"]
    assert set(_types(told["notifications"])) == {"MailSent"}


async def test_revisions_grow_by_the_owner(told: dict[str, list[Row]]) -> None:
    for service, rows in told.items():
        revisions = [row["event"]["revision"] for row in rows]
        assert revisions == sorted(set(revisions)), service
        assert revisions[0] >= 1


# --- outbox → relay → Kafka -------------------------------------------------------------------------


@pytest.mark.parametrize("service", SERVICES)
async def test_each_fact_is_one_record_byte_for_byte_in_order_on_the_candidates_partition(
    house: House, told: dict[str, list[Row]], traveller: UUID, service: str
) -> None:
    key = str(traveller).encode()
    records = [record for record in await house.records(f"{service}.events") if record.key == key]
    rows = told[service]
    assert [record.uuid("ce_id") for record in records][: len(rows)] == [row["ce_id"] for row in rows]
    for record, row in zip(records, rows, strict=False):
        assert record.value == row["payload"]
        assert {name: value.decode() for name, value in record.headers} == row["headers"]
    assert len({record.partition for record in records}) == 1
    offsets = [record.offset for record in records]
    assert offsets == sorted(offsets)


async def test_each_record_is_a_cloud_event_of_the_catalogue_with_no_field_besides(
    told: dict[str, list[Row]], traveller: UUID
) -> None:
    for service, rows in told.items():
        for row in rows:
            headers, model = row["headers"], CATALOGUE[row["type"]]
            assert headers["ce_specversion"] == "1.0"
            assert headers["ce_id"] == str(row["ce_id"])
            assert headers["ce_type"] == row["type"] == model.type_name()
            assert headers["ce_source"] == f"/{service}"
            assert _TRACEPARENT.fullmatch(headers["traceparent"]), row["type"]
            assert set(row["event"]) == set(model.model_fields), row["type"]
            envelope = decode(row["payload"], [(name, value.encode()) for name, value in headers.items()])
            assert envelope.event.key == traveller
            assert model.topic == BY_NAME[row["topic"]]


# --- Kafka → inbox → effect -------------------------------------------------------------------------


@pytest.mark.parametrize("owner", SERVICES)
async def test_each_listener_has_taken_each_fact_in_once(
    house: House, told: dict[str, list[Row]], owner: str
) -> None:
    facts = {row["ce_id"] for row in told[owner]}
    for listener in LISTENERS[owner]:

        async def taken(listener: str = listener) -> bool:
            found = await house.rows(
                listener,
                "SELECT ce_id FROM inbox WHERE consumer = $1 AND ce_id = ANY($2)",
                f"{listener}.{owner}",
                list(facts),
            )
            return {row["ce_id"] for row in found} == facts

        await until(taken, f"{listener} has taken in what {owner} told")


async def test_the_facts_had_their_effects_at_the_others(
    house: House, lives: Lives, told: dict[str, list[Row]], traveller: UUID
) -> None:
    account = await house.row(
        "accounts",
        "SELECT activation_mail_accepted_at, expiry_due_at FROM account WHERE id = $1",
        traveller,
    )
    sent = await house.row(
        "notifications",
        "SELECT accepted_at FROM mail WHERE candidate_id = $1 AND kind = 'activation'",
        traveller,
    )
    assert account["activation_mail_accepted_at"] == sent["accepted_at"]

    candidature = await house.row(
        "registration", "SELECT stage, accounts_revision FROM candidature WHERE candidate_id = $1", traveller
    )
    last = told["accounts"][-1]["event"]["revision"]
    assert candidature == {"stage": "registered", "accounts_revision": last}

    evidence = await house.row(
        "documents",
        "SELECT stage, registration_version, registration_revision, missing_count, closes_at, deadline_at"
        " FROM candidate WHERE candidate_id = $1",
        traveller,
    )
    assert evidence == {
        "stage": "registered",
        "registration_version": 1,
        "registration_revision": told["registration"][-1]["event"]["revision"],
        "missing_count": 0,
        "closes_at": lives.calendar.closes_at,
        "deadline_at": lives.calendar.deadline_at,
    }


# --- one trace, one mail ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "fact", "kind"),
    [
        ("accounts", "AccountCreated", "activation"),
        ("registration", "ConfirmationIssued", "registration_saved"),
        ("documents", "ChecklistCompleted", "checklist_complete"),
    ],
)
async def test_one_trace_goes_from_the_click_to_the_mail(
    house: House, told: dict[str, list[Row]], traveller: UUID, service: str, fact: str, kind: str
) -> None:
    (cause,) = [row for row in told[service] if row["type"].split(".")[1] == fact]
    mail = await house.row(
        "notifications",
        "SELECT id, traceparent FROM mail WHERE candidate_id = $1 AND kind = $2",
        traveller,
        kind,
    )
    (sent,) = [row for row in told["notifications"] if row["event"]["mail_id"] == str(mail["id"])]
    traces = [cause["headers"]["traceparent"], mail["traceparent"], sent["headers"]["traceparent"]]
    assert len({trace.split("-")[1] for trace in traces}) == 1, traces
    assert len({trace.split("-")[2] for trace in traces}) == 3, "each step is a span of its own"


async def test_two_clicks_are_two_traces(told: dict[str, list[Row]]) -> None:
    created, _, activated = told["accounts"]
    saved = told["registration"][0]
    traces = {row["headers"]["traceparent"].split("-")[1] for row in (created, activated, saved)}
    assert len(traces) == 3


async def test_each_cause_is_one_mail_whose_message_id_is_derived_from_it(
    house: House, lives: Lives, told: dict[str, list[Row]], traveller: UUID
) -> None:
    rows = await house.rows(
        "notifications", "SELECT cause, state, message_id FROM mail WHERE candidate_id = $1", traveller
    )
    causes = [row["cause"] for row in rows]
    assert len(causes) == len(set(causes))
    left = {row["message_id"] for row in rows if row["state"] == "sent"}
    for row in rows:
        domain = row["message_id"].rpartition("@")[2].rstrip(">")
        assert row["message_id"] == message_id(row["cause"], domain)
    mails = await lives.traveller.visitor.mails()
    received = [mail["message_id"] for mail in mails]
    assert len(received) == len(set(received))
    assert set(received) >= left
