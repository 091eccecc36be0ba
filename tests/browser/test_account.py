"""The account’s pages as a candidate uses them: open one, activate it, log in and out, a lost password."""

import re

import pytest

from tests.browser.conftest import Newcomer, NewVisitor
from tests.browser.sight import Visitor, gets_focus, look_at, walk_to
from tests.e2e.house import House, until
from tests.e2e.people import PASSWORD, Person

NEW_PASSWORD = "un-tout-autre-sesame-31"
with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["js", "sans-js"])
_RESET = re.compile(r"https?://\S+/compte/mot-de-passe\?lien=[\w.\-~%]+")


async def fill(window: Visitor, email: str, password: str, label: str = "Mot de passe") -> None:
    await window.page.get_by_label("Adresse e-mail").fill(email)
    await window.page.get_by_label(label, exact=True).fill(password)


async def press(window: Visitor, name: str) -> None:
    await window.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


async def reset_link(person: Person) -> str:
    async def found() -> str | None:
        texts = [mail["text"] for mail in await person.visitor.mails()]
        return next((match[0] for text in texts if (match := _RESET.search(text))), None)

    return await until(found, "the mail with the link")


@with_and_without_javascript
async def test_a_candidate_opens_an_account_activates_it_logs_in_and_out(
    visitor: NewVisitor, newcomer: Newcomer, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Noemie{javascript}")
    window = await visitor(javascript=javascript)
    await window.goto("/")
    await window.goto("/compte/creer")
    await look_at(window, f"creer-{suffix}")
    await fill(window, "noemie", "court", "Choisissez un mot de passe")
    await press(window, "Créer mon compte")
    assert (await window.page.title()).startswith("Erreur : ")
    assert await window.page.get_by_role("alert").get_by_role("link").count() == 2
    assert await window.page.get_by_label("Adresse e-mail").input_value() == "noemie"
    await look_at(window, f"creer-erreur-{suffix}")
    await fill(window, person.email, PASSWORD, "Choisissez un mot de passe")
    await press(window, "Créer mon compte")
    await window.page.get_by_role("heading", name="Consultez votre messagerie").wait_for()
    assert await window.page.get_by_text(f"Un message part à l’adresse {person.email}").is_visible()
    await look_at(window, f"creer-message-{suffix}")
    await window.page.reload()
    assert not await window.page.get_by_text("Un message part à l’adresse").is_visible()

    await window.goto(await person.visitor.activation_link())
    await window.page.get_by_label("Saisissez le mot de passe").fill("pas celui que j’ai choisi")
    await press(window, "Activer mon compte")
    await look_at(window, f"activation-erreur-{suffix}")
    await window.page.get_by_label("Saisissez le mot de passe").fill(PASSWORD)
    await press(window, "Activer mon compte")
    await window.page.get_by_text("Votre compte est activé").wait_for()
    await look_at(window, f"connexion-apres-activation-{suffix}")

    await fill(window, person.email, PASSWORD)
    await press(window, "Se connecter")
    await window.page.wait_for_url("**/mon-espace")
    await window.goto("/connexion?retour=%2Fmessages")
    assert window.page.url.endswith("/messages"), "who is logged in is not asked again"
    await window.page.set_viewport_size({"width": 360, "height": 800})
    await window.page.get_by_role("button", name="Se déconnecter").click()
    await window.page.get_by_text("Vous êtes déconnecté").wait_for()
    await look_at(window, f"deconnecte-{suffix}")
    await window.goto("/mon-espace")
    assert window.page.url.endswith("/connexion?retour=%2Fmon-espace")


@with_and_without_javascript
async def test_who_was_sent_to_the_login_comes_back_and_a_wrong_password_is_told(
    visitor: NewVisitor, newcomer: Newcomer, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Ines{javascript}")
    await person.enter()
    window = await visitor(javascript=javascript)
    await window.goto("/messages")
    await look_at(window, f"connexion-{suffix}")
    await fill(window, person.email, NEW_PASSWORD)
    await press(window, "Se connecter")
    assert await window.page.get_by_label("Adresse e-mail").input_value() == person.email
    assert await window.page.get_by_role("alert").get_by_text("mot de passe incorrect").is_visible()
    await look_at(window, f"connexion-erreur-{suffix}")
    await window.page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    await press(window, "Se connecter")
    await window.page.wait_for_url("**/messages")


@with_and_without_javascript
async def test_a_forgotten_password_is_chosen_anew(
    visitor: NewVisitor, newcomer: Newcomer, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Lucas{javascript}")
    await person.enter()
    window = await visitor(javascript=javascript)
    await window.goto("/connexion")
    await window.page.get_by_role("link", name="Mot de passe oublié ?").click()
    await look_at(window, f"oubli-{suffix}")
    await press(window, "Recevoir le lien")
    await look_at(window, f"oubli-erreur-{suffix}")
    await window.page.get_by_label("Adresse e-mail").fill(person.email)
    await press(window, "Recevoir le lien")
    await window.page.get_by_role("heading", name="Consultez votre messagerie").wait_for()
    await look_at(window, f"oubli-message-{suffix}")
    link = await reset_link(person)
    await window.goto(link)
    await window.page.get_by_label("Nouveau mot de passe").fill(NEW_PASSWORD)
    await press(window, "Enregistrer le mot de passe")
    await window.page.get_by_text("Votre mot de passe est changé").wait_for()
    await fill(window, person.email, NEW_PASSWORD)
    await press(window, "Se connecter")
    await window.page.wait_for_url("**/mon-espace")
    assert await window.goto(link) == 409
    await look_at(window, f"lien-utilise-{suffix}")


@with_and_without_javascript
async def test_the_activation_link_is_sent_again(
    visitor: NewVisitor, newcomer: Newcomer, javascript: bool
) -> None:
    suffix = "js" if javascript else "sans-js"
    person = await newcomer(f"Hugo{javascript}")
    await person.open_account()
    window = await visitor(javascript=javascript)
    await window.goto("/compte/creer")
    await window.page.get_by_role("link", name="je n’ai pas reçu le message").click()
    await look_at(window, f"renvoyer-{suffix}")
    await window.page.get_by_label("Adresse e-mail").fill("hugo@")
    await press(window, "Renvoyer le lien")
    await look_at(window, f"renvoyer-erreur-{suffix}")
    await window.page.get_by_label("Adresse e-mail").fill(person.email)
    await press(window, "Renvoyer le lien")
    await window.page.get_by_role("heading", name="Consultez votre messagerie").wait_for()
    await look_at(window, f"renvoyer-message-{suffix}")
    await person.visitor.activation_link(after=1)


async def test_the_keyboard_alone_opens_an_account_and_logs_in(
    visitor: NewVisitor, newcomer: Newcomer
) -> None:
    person = await newcomer("Salome")
    window = await visitor()
    keyboard = window.page.keyboard
    await window.goto("/")
    await walk_to(window.page, "Créer un compte")
    await keyboard.press("Enter")
    await window.page.wait_for_url("**/compte/creer")
    await walk_to(window.page, "email")
    await keyboard.type(person.email)
    await keyboard.press("Tab")
    await gets_focus(window.page, "password")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await window.page.wait_for_url("**/compte/creer/message")
    await window.goto(await person.visitor.activation_link())
    await walk_to(window.page, "password")
    await keyboard.type(PASSWORD)
    await walk_to(window.page, "Activer mon compte")
    await keyboard.press("Enter")
    await window.page.get_by_text("Votre compte est activé").wait_for()
    await walk_to(window.page, "email")
    await keyboard.type(person.email)
    await keyboard.press("Tab")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await window.page.wait_for_url("**/mon-espace")
    await walk_to(window.page, "Se déconnecter")
    await keyboard.press("Enter")
    await window.page.get_by_text("Vous êtes déconnecté").wait_for()


async def test_the_pages_are_there_in_english(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto("/langue/en?retour=/compte/creer")
    assert await window.page.get_by_role("heading", name="Create an account").is_visible()
    await press(window, "Create my account")
    assert await window.page.get_by_role("alert").get_by_text("This e-mail address is not valid").is_visible()
    await look_at(window, "creer-erreur-en")
    await window.goto("/connexion")
    await press(window, "Sign in")
    assert await window.page.get_by_role("alert").get_by_text("Enter your password.").is_visible()
    await look_at(window, "connexion-erreur-en")


@pytest.mark.parametrize(
    ("shift", "said", "at_home"),
    [
        ("1 day", "n’est pas encore ouverte", "La pré-inscription n’est pas encore ouverte."),
        ("-1 day", "est close depuis", "La pré-inscription est fermée."),
    ],
    ids=["avant", "apres"],
)
async def test_outside_the_window_the_page_says_the_dates(
    visitor: NewVisitor, house: House, shift: str, said: str, at_home: str
) -> None:
    owners = ("accounts", "registration")
    query = "SELECT session_id, calendar::text AS calendar FROM exam_session"
    before = [(owner, row) for owner in owners for row in await house.rows(owner, query)]
    for owner in owners:
        await house.rows(
            owner,
            """UPDATE exam_session SET calendar = calendar || jsonb_build_object(
                'opens_at', to_jsonb((calendar ->> 'opens_at')::timestamptz + $1::text::interval),
                'closes_at', to_jsonb((calendar ->> 'closes_at')::timestamptz + $1::text::interval))""",
            shift,
        )
    try:
        window = await visitor()
        assert await window.goto("/compte/creer") == 200
        assert await window.page.get_by_text(said).is_visible()
        assert await window.page.get_by_label("Adresse e-mail").count() == 0
        await look_at(window, f"creer-ferme{shift.partition(' ')[0]}")
        assert await window.goto("/") == 200
        assert await window.page.get_by_text(at_home).is_visible()
        await look_at(window, f"accueil-ferme{shift.partition(' ')[0]}")
    finally:
        for owner, row in before:
            await house.rows(
                owner,
                "UPDATE exam_session SET calendar = $2::text::jsonb WHERE session_id = $1",
                row["session_id"],
                row["calendar"],
            )


async def test_too_many_tries_are_told_on_the_page_with_the_wait(
    visitor: NewVisitor, newcomer: Newcomer
) -> None:
    person = await newcomer("Oceane")
    for _ in range(10):
        await person.visitor.login_status(NEW_PASSWORD)
    window = await visitor()
    await window.goto("/connexion")
    await fill(window, person.email, NEW_PASSWORD)
    await press(window, "Se connecter")
    assert await window.page.get_by_text("Réessayez dans 15 minutes.").is_visible()
    assert await window.page.get_by_label("Adresse e-mail").input_value() == person.email
    await look_at(window, "connexion-trop")


async def test_an_officer_who_has_logged_in_at_the_identity_provider_is_told_so(visitor: NewVisitor) -> None:
    window = await visitor()
    await window.goto("/agents/connexion")
    await window.page.locator("input[name=sub]").first.fill("chef")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/agents")
    assert await window.page.get_by_text("Votre connexion de gestionnaire est ouverte.").is_visible()
    await look_at(window, "agents")
