"""« Ma boîte »: the list of what was written to me, and each message to read again."""

import pytest

from services.notifications.kinds import KINDS
from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import look_at, walk_to
from tests.e2e.house import House, until
from tests.e2e.people import Person
from tests.plain import plain

SAVED = "Pré-inscription enregistrée (version 1) : il reste à signer et à déposer"
ACTIVATION = KINDS["activation"].subject


async def written_to(person: Person, kinds: set[str]) -> None:
    async def all_sent() -> bool:
        sent = {m["kind"] for m in await person.visitor.messages() if m["state"] == "sent"}
        return kinds <= sent

    await until(all_sent, f"{kinds} are sent")


@pytest.mark.parametrize("javascript", [True, False], ids=["js", "no-js"])
async def test_a_candidate_finds_and_reads_the_messages(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    person = await newcomer(f"Mireille{javascript}")
    await person.register()
    await written_to(person, {"activation", "registration_saved"})
    window = await visitor(javascript=javascript)
    await signed_in(window, person)
    suffix = "js" if javascript else "sans-js"
    assert await window.goto("/messages") == 200
    titles = window.page.locator("main").get_by_role("link")
    assert [plain(title) for title in await titles.all_inner_texts()] == [SAVED, ACTIVATION]
    await look_at(window, f"messages-{suffix}")
    await titles.first.click()
    assert await window.page.get_by_role("heading", name=SAVED).is_visible()
    assert await window.page.get_by_text("vérifiez-la, datez-la et signez-la").is_visible()
    await look_at(window, f"message-{suffix}")
    await window.page.get_by_role("link", name="Retour").click()
    await titles.last.click()
    assert await window.page.get_by_text("le lien n’est pas affiché ici").is_visible()
    await look_at(window, f"message-lien-{suffix}")


async def test_the_keyboard_alone_opens_a_message_and_comes_back(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Maxence")
    await person.register()
    await written_to(person, {"registration_saved"})
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/messages")
    await walk_to(window.page, SAVED)
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/messages/*")
    await walk_to(window.page, "Retour")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/messages")


async def test_a_mail_that_did_not_arrive_is_told_and_read_here(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, house: House
) -> None:
    person = await newcomer("Marius")
    await person.register()
    await written_to(person, {"registration_saved"})
    # The local mailbox takes every mail, so what a refusal leaves is written here.
    await house.rows(
        "notifications",
        "UPDATE mail SET state = 'failed', accepted_at = NULL, last_status = 550"
        " WHERE candidate_id = $1 AND kind = 'registration_saved'",
        person.id,
    )
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/messages")
    assert await window.page.get_by_text("Non remis").is_visible()
    await look_at(window, "messages-non-remis")
    await window.page.get_by_role("link", name=SAVED).click()
    assert await window.page.get_by_text("n’a pas pu être remis").is_visible()
    await look_at(window, "message-non-remis")


async def test_the_withdrawn_still_read_their_messages_in_english_too(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Maud")
    await person.register()
    await written_to(person, {"registration_saved"})
    answer = await person.browser.post(
        "/api/registration/me/withdrawal",
        json={},
        headers={"Authorization": f"Bearer {person.visitor._token}"},
    )
    assert answer.is_success, answer.text
    await written_to(person, {"withdrawn"})
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/langue/en?retour=/messages")
    await window.page.get_by_role("link", name="Your candidature is withdrawn").click()
    assert await window.page.get_by_text("Votre candidature est retirée, comme vous").is_visible()
    await look_at(window, "message-en")
    await window.page.get_by_role("link", name="Back").click()
    await window.page.get_by_role("link", name="Online registration saved").click()
    assert await window.page.get_by_text("Your situation has changed since").is_visible()
    await look_at(window, "message-en-change")
