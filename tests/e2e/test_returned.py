"""A mail that comes back after the mail server took it, or was refused, in the whole stack."""

import asyncio
import smtplib
from typing import Any

from tests.e2e.conftest import Newcomer
from tests.e2e.house import House, until
from tests.unit.notifications.returned import notification


def _give_back(bounces: str, address: str) -> int:
    host, _, port = bounces.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=10) as server:
        server.ehlo()
        server.mail("")
        server.rcpt(address)
        code, _ = server.data(notification())
    return code


async def test_a_mail_returned_to_its_return_path_is_bounced_and_told(
    house: House, newcomer: Newcomer
) -> None:
    person = await newcomer("Reine")
    await person.open_account()
    (mail,) = await person.visitor.mails()
    return_path: str = mail["sender"]
    assert return_path.startswith("retours+")
    assert person.email.partition("@")[0] not in return_path

    async def taken() -> bool:
        return await asyncio.to_thread(_give_back, house.addresses.bounces, return_path) == 250

    await until(taken, "the report is taken")
    row = await house.row(
        "notifications",
        "SELECT state, returned_code FROM mail WHERE candidate_id = $1 AND kind = 'activation'",
        person.id,
    )
    assert row == {"state": "bounced", "returned_code": "5.1.1"}
    shown = await house.officer("show", str(person.id))
    assert "(code 5.1.1 : l’adresse n’existe pas)" in shown.err

    async def told() -> list[dict[str, Any]]:
        facts = await house.outbox("notifications", person.id)
        return [fact["event"] for fact in facts if "MailBounced" in fact["type"] and fact["published_at"]]

    (event,) = await until(lambda: _some(told), "the fact is published")
    assert (event["state"], event["status"]) == ("bounced", 550)


async def test_an_officer_has_a_refused_mail_tried_again_and_it_arrives(
    house: House, newcomer: Newcomer
) -> None:
    person = await newcomer("Solange")
    await person.open_account()
    (mail,) = await person.visitor.mails()
    # The local mailbox takes every mail, so what a refusal leaves is written here.
    row = await house.row(
        "notifications",
        "UPDATE mail SET state = 'failed', accepted_at = NULL, last_status = 550, last_error = '5.1.1'"
        " WHERE candidate_id = $1 AND kind = 'activation' RETURNING id",
        person.id,
    )
    words = (str(person.id), str(row["id"]), "--reason", "L’adresse est ouverte.")
    done = await house.officer("retry-mail", *words)
    assert done.code == 0, done.err
    assert f"(code 550 5.1.1) ; « officer retry-mail » avec {row['id']}" in done.err

    async def again() -> bool:
        return len(await person.visitor.mails()) == 2

    await until(again, "it has arrived")
    assert {one["message_id"] for one in await person.visitor.mails()} == {mail["message_id"]}
    shown = (await house.officer("show", str(person.id))).json()
    ((act,),) = [one["acts"] for one in shown["notifications"]["messages"] if one["kind"] == "activation"]
    assert act["reason"] == "L’adresse est ouverte."
    refused = await house.officer("retry-mail", *words)
    assert refused.code == 1
    assert "n’est pas en échec" in refused.err
    unreadable = await house.officer("retry-mail", str(person.id), "activation", "--reason", "essai")
    assert (unreadable.code, "identifiant de message" in unreadable.err) == (1, True)


async def _some(ask: Any) -> Any:
    return await ask() or None
