"""A broker that lost its topics is filled again from the services' event logs, by itself and by command."""

import asyncio
from collections import defaultdict
from uuid import UUID

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.parts.topics import ensure_topics, wanted
from services.contracts.topics import DOCUMENTS, REGISTRATION
from tests.e2e.house import House, until
from tests.e2e.people import Person
from tests.recovery.conftest import Newcomer, Reconciled


async def lose(house: House, *topics: str) -> None:
    """Delete topics of the living broker and make them anew, empty."""
    admin = AIOKafkaAdminClient(bootstrap_servers=house.addresses.kafka)
    await admin.start()
    try:
        await admin.delete_topics(list(topics))
    finally:
        await admin.close()
    await asyncio.sleep(1)
    mine = {name: count for name, count in wanted().items() if name in topics}
    await ensure_topics(house.addresses.kafka, mine, own_cluster=True)


async def on_topic(house: House, topic: str) -> dict[UUID, list[UUID]]:
    """Candidate → the ids of the facts about them, in their order."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for record in await house.records(topic):
        key, ce_id = record.candidate_id, record.uuid("ce_id")
        assert key is not None
        assert ce_id is not None
        found[key].append(ce_id)
    return found


async def in_log(house: House, service: str) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await house.rows(service, "SELECT key, ce_id FROM outbox ORDER BY id"):
        found[row["key"]].append(row["ce_id"])
    return found


@pytest.fixture(scope="module")
async def person(newcomer: Newcomer) -> Person:
    found = await newcomer("Fanny")
    await found.complete(but=1)
    return found


@pytest.mark.parametrize("topic", [REGISTRATION, DOCUMENTS])
async def test_a_topic_that_was_made_anew_is_filled_by_itself_in_the_order_of_each_key(
    house: House, person: Person, topic: object
) -> None:
    name, service = topic.name, topic.owner  # type: ignore[attr-defined]
    before = await in_log(house, service)
    await lose(house, name)

    async def refilled() -> bool:
        held = await on_topic(house, name)
        return all(set(facts) <= set(held.get(key, [])) for key, facts in before.items())

    await until(refilled, f"{name} holds what its service has told", 60)
    held = await on_topic(house, name)
    for key, facts in before.items():
        assert list(dict.fromkeys(held[key])) == facts
    query = "SELECT why, done_at FROM refill WHERE keys IS NULL ORDER BY asked_at DESC LIMIT 1"

    async def ended() -> bool:
        return (await house.row(service, query))["done_at"] is not None

    await until(ended, "the refill has ended")
    assert (await house.row(service, query))["why"] == "lost"


async def test_facts_travel_again_after_a_loss_and_none_is_missing(
    house: House, person: Person, newcomer: Newcomer, reconciled: Reconciled
) -> None:
    another = await newcomer("Gilles")
    await another.complete()

    async def told() -> bool:
        return bool(
            await house.rows(
                "notifications",
                "SELECT 1 FROM mail WHERE candidate_id = $1 AND kind = 'checklist_complete'",
                another.id,
            )
        )

    await until(told, "a fact of documents reaches notifications")
    assert (await reconciled("--all-facts")).nothing


async def test_nothing_had_its_effect_twice(house: House, person: Person) -> None:
    mails = await person.visitor.mails()
    identifiers = [mail["message_id"] for mail in mails]
    assert len(identifiers) == len(set(identifiers))
    saved = [mail for mail in mails if "pré-inscription" in mail["subject"].lower()]
    assert len(saved) <= 1


async def test_the_command_publishes_the_logs_of_the_services_it_names(house: House, person: Person) -> None:
    before = await on_topic(house, REGISTRATION.name)
    addresses = str(house.addresses.root / "addresses.json")
    done = await house.command("refill", "--addresses", addresses, "--service", "registration", "--json")
    published = done.json()["republished"]
    count = await house.row("registration", "SELECT count(*) AS facts FROM outbox")
    assert published == {"registration": count["facts"]}
    after = await on_topic(house, REGISTRATION.name)
    assert after[person.id][len(before[person.id]) :] == list(dict.fromkeys(before[person.id]))


async def test_an_unknown_service_is_refused(house: House) -> None:
    addresses = str(house.addresses.root / "addresses.json")
    refused = await house.command("refill", "--addresses", addresses, "--service", "billing")
    assert refused.code == 2
    assert "Service inconnu" in refused.err
