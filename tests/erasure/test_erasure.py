"""Of the erased nothing is left in any store: by the office, by themselves, by the 48 h (R2).

The control comes first: the same search finds each mark where it belongs, and after the erasures those of the
one who stays.
"""

import json

import pytest

from tests.erasure.story import Story

ERASED = ("alpha", "bravo", "gamma", "delta")
IN_TABLES = {
    "accounts public.account": {"e-mail"},
    "registration public.registration_version": {
        "e-mail of the form",
        "birth name",
        "usage name",
        "forenames",
        "birth date",
        "birth commune",
        "phone",
        "address",
        "ine",
        "first parent",
        "second parent",
        "employer",
        "job",
        "exemption",
    },
    "registration public.draft": {"draft"},
    "registration public.journal": {"withdrawal", "officer hold"},
    "documents public.file": {"file name", "joined name", "removed name"},
    "documents public.review": {"officer refusal"},
}


@pytest.mark.parametrize("name", ["alpha", "bravo"])
def test_before_the_erasure_the_search_finds_each_mark_where_it_belongs(story: Story, name: str) -> None:
    found = story.found(story.before, name)
    for table, marks in IN_TABLES.items():
        assert marks <= found[f"table {table}"], table
    objects = {mark for store, marks in found.items() if "objects" in store for mark in marks}
    assert {"file bytes", "photo bytes"} <= objects
    if name == "alpha":
        taken = {mark for store, marks in found.items() if "file uploads/" in store for mark in marks}
        assert "cut bytes" in taken


def test_before_it_the_search_sees_every_kind_of_store(story: Story) -> None:
    """By the bare id, which may stay, where no mark may ever be."""
    alpha = str(story.people["alpha"].person.id).encode()
    seen = {store for store, content in story.before.items() if alpha in content}
    for kind in (
        "table accounts public.outbox",
        "table notifications public.mail",
        "table documents public.quarantine",
        "topic accounts.events",
        "topic accounts.events.dlq",
        "topic registration.events",
        "topic documents.events",
        "topic notifications.events",
        "workflow ",
        "file stack/kafka/",
        "file stack/temporal/",
        "file stack/logs/",
    ):
        assert any(store.startswith(kind) for store in seen), kind
    gamma = story.found(story.before, "gamma")
    assert gamma.keys() == {"table accounts public.account"}


@pytest.mark.parametrize("name", ERASED)
def test_of_the_erased_no_store_holds_a_mark(story: Story, name: str) -> None:
    assert story.found(story.after, name) == {}


def test_who_was_not_erased_has_lost_nothing(story: Story) -> None:
    before, after = (story.found(content, "kappa") for content in (story.before, story.after))
    for store, marks in before.items():
        if store.startswith("table ") or "objects" in store:
            assert marks <= after[store], store


def test_the_services_learn_no_mark_by_what_they_tell_one_another_or_log(story: Story) -> None:
    """Of nobody, erased or not: these stores are never erased."""
    kept = {
        store
        for name in story.people
        for content in (story.before, story.after)
        for store in story.found(content, name)
        if store.startswith(
            ("topic", "workflow", "file stack/kafka", "file stack/temporal", "file stack/logs")
        )
    }
    assert kept == set()


def test_the_command_says_when_all_have_confirmed_and_once_more_that_it_was_done(story: Story) -> None:
    first, of_delta, *last = story.told
    assert (first.code, of_delta.code) == (3, 3)
    assert json.loads(first.out)["already"] is False
    assert "Sera effacé, sans retour possible" in first.err
    for told in last:
        assert told.code == 0, told.err
        view = told.json()
        assert (view["already"], view["complete"]) == (True, True)
        assert "déjà effacée" in told.err


def test_a_script_that_does_not_say_yes_erases_nobody(story: Story) -> None:
    assert story.unsure is not None
    assert (story.unsure.code, story.unsure.out) == (1, "")
    assert "Confirmation nécessaire" in story.unsure.err
    assert json.loads(story.told[0].out)["already"] is False


def test_an_upload_that_an_erasure_overtakes_is_told_that_the_account_is_gone(story: Story) -> None:
    assert story.overtaken is not None
    assert story.overtaken.status_code == 410


def test_an_open_session_ends_with_the_account(story: Story) -> None:
    assert len(story.late) == 3
