"""What holds for each event of the catalogue."""

from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from services.contracts.events import CATALOGUE, CandidateEvent, Event, SessionScheduled
from services.contracts.topics import TOPICS
from tests.contracts.strategies import models

EVENTS = list(CATALOGUE.values())

ARCHITECTURE = """
AccountCreated, AccountActivated, AccountDeleted, RegistrationSaved, ConfirmationIssued, SessionScheduled,
DeadlineMoved, DocumentUploaded, DocumentRemoved, DocumentAccepted, DocumentRejected, ChecklistCompleted,
ChecklistReopened, ChecklistSettled, CandidatureConfirmed, CandidatureCancelled, CandidatureHeld,
CandidatureReleased, CandidatureWithdrawn, CandidatureReinstated, MailSent, MailBounced,
ReachabilityChanged
"""

# Every field that may travel. A name is added here by someone who has asked: can it tell anything of a person
# but an id? (That a medical certificate is due is health data, so pieces have no name here either.)
IDS_AND_INSTANTS = {
    "accepted_at",
    "candidate_id",
    "deadline_at",
    "expires_at",
    "file_id",
    "mail_id",
    "released_at",
    "review_id",
    "session_key",
    "warned_of",
}
NUMBERS_AND_CODES = {
    "because",
    "evidence_rev",
    "issue",
    "reason",
    "registration_version",
    "releases",
    "revision",
    "scope",
    "settle_now",
    "state",
    "status",
    "verdict",
}
CALENDAR = {
    "calendar",
    "activation_seconds",
    "closes_at",
    "ends_at",
    "fault_window_seconds",
    "grace_seconds",
    "opens_at",
    "reminder_gap_seconds",
    "reminder_hour",
    "reminder_offsets_seconds",
    "spread_seconds",
    "undelivered_seconds",
}
TEXTS = {"cause", "kind", "label", "session_id"}
"""The only fields of type text: the session's name and label, a mail's kind and its cause (made of ids)."""


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """Name and annotation of each field, those of nested models too."""
    for name, info in model.model_fields.items():
        yield name, info.annotation
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from fields(kind)


def test_the_catalogue_has_every_event_of_the_architecture() -> None:
    names = {name.strip() for name in ARCHITECTURE.replace("\n", " ").split(",")}
    assert names - {model.__name__ for model in EVENTS} == set()


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_an_event_has_its_owners_topic_and_a_type_that_says_so(model: type[Event]) -> None:
    assert model.topic in TOPICS
    assert model.type_name() == f"{model.topic.owner}.{model.__name__}.v{model.version}"
    assert CATALOGUE[model.type_name()] is model


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
@settings(max_examples=5, database=None)
@given(data=st.data())
def test_the_key_is_the_candidate_or_the_session(model: type[Event], data: st.DataObject) -> None:
    event = data.draw(models(model))
    expected = event.candidate_id if issubclass(model, CandidateEvent) else event.session_key
    assert event.key == expected
    assert isinstance(event.key, UUID)


def test_only_the_calendar_is_keyed_by_the_session() -> None:
    assert [model for model in EVENTS if not issubclass(model, CandidateEvent)] == [SessionScheduled]


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_an_event_carries_a_revision_and_the_resulting_state(model: type[Event]) -> None:
    assert model.model_fields["revision"].is_required()
    assert {"state", "calendar"} & set(model.model_fields)


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_no_field_is_personal_data(model: type[Event]) -> None:
    allowed = IDS_AND_INSTANTS | NUMBERS_AND_CODES | CALENDAR | TEXTS
    assert {name for name, _ in fields(model)} - allowed == set()


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_no_field_is_free_text_but_the_named_ones(model: type[Event]) -> None:
    free = {str, bytes, object, Any, dict, list}
    assert {name for name, kind in fields(model) if free & {kind, *get_args(kind)}} - TEXTS == set()


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_an_event_cannot_be_changed(model: type[Event]) -> None:
    assert model.model_config.get("frozen") is True


def test_no_topic_shares_its_name_and_each_has_its_dead_letters() -> None:
    names = [name for topic in TOPICS for name in (topic.name, topic.dead_letters)]
    assert len(names) == len(set(names)) == 2 * len(TOPICS)
    assert all(topic.partitions > 0 for topic in TOPICS)
