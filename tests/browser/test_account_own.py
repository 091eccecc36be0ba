"""« Mon compte » and « Données personnelles »: the password changed, data taken along, everything erased."""

import json
from pathlib import Path

from tests.browser.conftest import Newcomer, NewVisitor, SignedIn
from tests.browser.sight import look_at, walk_to
from tests.browser.test_account import NEW_PASSWORD, fill, press, with_and_without_javascript
from tests.e2e.house import House, until
from tests.e2e.people import PASSWORD

_ROWS = {
    "accounts": ("account", "id"),
    "registration": ("candidature", "candidate_id"),
    "documents": ("candidate", "candidate_id"),
}


@with_and_without_javascript
async def test_a_candidate_changes_the_password(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Sacha{javascript}")
    window = await visitor(javascript=javascript)
    await signed_in(window, person)
    await window.goto("/compte")
    await look_at(window, f"compte-{suffix}")
    await window.page.get_by_role("link", name="Changer mon mot de passe").click()
    await look_at(window, f"changer-{suffix}")
    await window.page.get_by_label("Mot de passe actuel").fill(NEW_PASSWORD)
    await window.page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    await press(window, "Enregistrer le mot de passe")
    assert await window.page.get_by_role("alert").get_by_text("Ce n’est pas votre mot de passe").is_visible()
    await look_at(window, f"changer-erreur-{suffix}")
    await window.page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    await window.page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    await press(window, "Enregistrer le mot de passe")
    await window.page.get_by_text("Votre mot de passe est changé").wait_for()
    await look_at(window, f"compte-change-{suffix}")
    assert await person.visitor.login_status(PASSWORD) == 401
    assert await person.visitor.login_status(NEW_PASSWORD) == 201


@with_and_without_javascript
async def test_a_candidate_takes_the_data_along_then_erases_everything(
    visitor: NewVisitor, newcomer: Newcomer, house: House, javascript: bool, tmp_path: Path
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Maelle{javascript}")
    await person.complete(but=2)
    window = await visitor(javascript=javascript)
    await window.goto("/compte/donnees")
    await look_at(window, f"donnees-anonyme-{suffix}")
    await window.page.get_by_role("main").get_by_role("link", name="Se connecter").click()
    await fill(window, person.email, PASSWORD)
    await press(window, "Se connecter")
    await window.page.wait_for_url("**/compte/donnees")
    await look_at(window, f"donnees-{suffix}")
    async with window.page.expect_download() as begun:
        await window.page.get_by_role("button", name="Télécharger mes données").click()
    file = tmp_path / "mes-donnees.json"
    download = await begun.value
    assert download.suggested_filename == "mes-donnees.json"
    await download.save_as(file)
    found = json.loads(file.read_text())
    assert found["account"]["email"] == person.email
    assert [version["version"] for version in found["registration"]["versions"]] == [1]
    assert person.forename in json.dumps(found["registration"], ensure_ascii=False)
    assert {"Activez votre compte candidat"} <= {m["subject"] for m in found["messages"]["messages"]}
    files = found["documents"]["files"]
    assert files
    answer = await window.context.request.get(files[0]["link"])
    assert (answer.status, (await answer.body())[:5]) == (200, b"%PDF-")

    await window.page.get_by_role("link", name="Effacer mon compte et ma candidature").click()
    await look_at(window, f"effacer-{suffix}")
    await press(window, "Tout effacer")
    await look_at(window, f"effacer-erreur-{suffix}")
    await window.page.get_by_label("Je veux effacer mon compte").check()
    await window.page.get_by_label("Votre mot de passe", exact=True).fill(PASSWORD)
    await press(window, "Tout effacer")
    await window.page.get_by_text("Votre compte est effacé").wait_for()
    await look_at(window, f"efface-{suffix}")
    await window.goto("/mon-espace")
    assert window.page.url.endswith("/connexion?retour=%2Fmon-espace")

    for service, (table, key) in _ROWS.items():

        async def erased(service: str = service, table: str = table, key: str = key) -> bool:
            return await house.rows(service, f"SELECT 1 FROM {table} WHERE {key} = $1", person.id) == []

        await until(erased, f"{service} has erased the person")

    async def told() -> bool:
        return any("est effacé" in mail["subject"] for mail in await person.visitor.mails())

    await until(told, "the last mail")

    async def forgotten() -> bool:
        return await house.rows("accounts", "SELECT 1 FROM farewell WHERE candidate_id = $1", person.id) == []

    await until(forgotten, "the address is forgotten")
    left = await house.rows("notifications", "SELECT kind FROM mail WHERE candidate_id = $1", person.id)
    assert [row["kind"] for row in left] == ["account_erased"]


async def test_the_keyboard_alone_reaches_and_erases(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    person = await newcomer("Timothee")
    window = await visitor()
    await signed_in(window, person)
    await window.goto("/")
    await walk_to(window.page, "Mon compte")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/compte")
    await walk_to(window.page, "Mes données personnelles : les télécharger, ou tout effacer")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/compte/donnees")
    await walk_to(window.page, "Effacer mon compte et ma candidature")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/effacer")
    await walk_to(window.page, "sure")
    await window.page.keyboard.press("Space")
    await walk_to(window.page, "password")
    await window.page.keyboard.type(PASSWORD)
    await walk_to(window.page, "Tout effacer")
    await window.page.keyboard.press("Enter")
    await window.page.get_by_text("Votre compte est effacé").wait_for()


async def test_the_pages_are_there_in_english(
    visitor: NewVisitor, newcomer: Newcomer, signed_in: SignedIn
) -> None:
    window = await visitor()
    await signed_in(window, await newcomer("Alix"))
    await window.goto("/langue/en?retour=/compte/donnees")
    assert await window.page.get_by_role("heading", name="What is kept, and why").is_visible()
    await look_at(window, "donnees-en")
    await window.goto("/compte/donnees/effacer")
    await press(window, "Erase everything")
    alert = window.page.get_by_role("alert")
    assert await alert.get_by_text("Tick this box if you really want to erase everything.").is_visible()
    await look_at(window, "effacer-erreur-en")
