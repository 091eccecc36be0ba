"""« Mon espace » over HTTP: each stage of a life, the versions, giving up.

`documents` is away here, unless a test says what it tells.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.internal import AwaitedPiece, Progress
from services.contracts.life import CandidateAct, NextStep
from services.contracts.stages import Stage, Verdict
from services.registration.activities import Activities
from services.registration.commands.acts import By, cancel, hold, release
from services.registration.commands.withdraw import withdraw
from tests.integration.registration.paging import read, send, words
from tests.integration.registration.test_form_stages import standing
from tests.integration.registration.world import (
    AFTER_CLOSE,
    AFTER_DEADLINE,
    IN_TIME,
    Site,
    documents_say,
    problem,
    settled,
)
from tests.plain import plain
from tests.unit.registration.rows import DEADLINE
from tests.unit.registration.test_guidance import IDENTITY, progress

PAGE = "/mon-espace"
ME = "/api/registration/me"
LONGER = DEADLINE + timedelta(days=5)
MISSING = progress("incomplete", registration_version=1)
REFUSED = progress("incomplete", registration_version=1, awaited=(IDENTITY,), deadline_at=LONGER)
COMPLETE = progress("complete", registration_version=1)
TOLD = {
    "complete": COMPLETE,
    "missing": MISSING,
    "refused": REFUSED,
    "of an older version": progress("complete", registration_version=0),
    "away": None,
}


async def close(site: Site, candidate: UUID) -> None:
    site.world.clock.instant = AFTER_CLOSE
    await Activities(site.world.ctx).act(CandidateAct(candidate_id=candidate, action="close_window"))


async def draft(site: Site, candidate: UUID) -> None:
    """Something typed that is not saved."""
    kept = await site.ask(
        "PUT",
        "/api/registration/me/draft",
        candidate=candidate,
        headers={"If-None-Match": "*"},
        json={"candidature": {"speciality": "vente"}},
    )
    assert kept.status_code == 200, kept.text


async def by_officer(site: Site, candidate: UUID, reason: str) -> By:
    return By("gestionnaire-12", reason, (await site.world.row(candidate)).seen)


async def test_the_anonymous_are_sent_to_the_login_and_back(site: Site) -> None:
    for path in (PAGE, f"{PAGE}/versions", f"{PAGE}/retrait", f"{PAGE}/confirmation.pdf"):
        response = await site.ask("GET", path, headers={"Accept": "text/html"})
        assert response.status_code == 303
        assert response.headers["location"] == f"/connexion?retour={path.replace('/', '%2F')}"


async def test_who_has_saved_nothing_is_told_to_register_and_by_when(site: Site) -> None:
    text = words(await read(site, PAGE, uuid4()))
    assert "Rien n’est encore enregistré" in text
    assert "Au plus tard le dimanche 22 novembre 2020 à 23 h 59" in text
    assert "Il reste 10 jours." in text
    assert "Si rien n’est enregistré d’ici là, vous ne pourrez plus vous inscrire" in text
    assert "il restera à signer la confirmation et à déposer vos pièces" in text


async def test_who_saved_is_told_what_to_hand_in_and_nothing_is_called_definitive(site: Site) -> None:
    candidate = await site.world.saved()
    text = words(await read(site, PAGE, candidate))
    assert "Pré-inscription enregistrée" in text
    assert "Au plus tard le lundi 7 décembre 2020 à 23 h 59" in text
    assert "sera annulée" in text
    assert "Version 1, enregistrée le jeudi 12 novembre 2020 à 10 h 00." in text
    assert "Pré-inscription enregistrée : version 1" in text
    assert "définitive" not in text
    assert "inscrit " not in text


async def test_the_messages_and_reminders_sent_are_one_link_away(site: Site) -> None:
    html = await read(site, PAGE, await site.world.saved())
    told = html.partition("Ce qui s’est passé")[2]
    assert re.search(r'<a href="/messages">[^<]*rappels', told)


async def test_without_documents_the_page_stands_and_says_what_it_cannot_show(site: Site) -> None:
    candidate = await site.world.saved()
    text = words(await read(site, PAGE, candidate))
    assert "Nous ne pouvons pas afficher l’état de vos pièces" in text
    assert "est conservé" in text
    body = (await site.ask("GET", "/api/registration/me/overview", candidate=candidate)).json()
    assert body["pieces"] == {"known": False, "state": "unknown", "awaited": [], "next_reminder_at": None}


async def test_definitive_is_read_once_it_is(site: Site) -> None:
    candidate = await site.world.saved()
    await close(site, candidate)
    assert "définitive" not in words(await read(site, PAGE, candidate))
    await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    text = words(await read(site, PAGE, candidate))
    assert "Inscription définitive" in text
    assert "Inscription confirmée" in text


async def test_the_cancelled_read_why_and_how_to_object(site: Site) -> None:
    candidate = await site.world.saved()
    await close(site, candidate)
    site.world.clock.instant = AFTER_DEADLINE
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE))
    text = words(await read(site, PAGE, candidate))
    limit = "lundi 7 décembre 2020 à 23 h 59 (heure de Paris)"
    for told in ("Candidature annulée", f"n’étaient pas déposées au {limit}", "recours gracieux"):
        assert told in text
    assert "dans les 2 mois" in text
    assert "Retirer ma candidature" not in text


LOST = AwaitedPiece(piece="p2", title="Pièce d’identité", state="expected", lost=True)
OTHER = AwaitedPiece(piece="p3", title="Justificatif", state="expected")
OUR_FAULT = "Pièce d’identité : nous avons perdu ce fichier, par notre faute."


@pytest.fixture
def _lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """`documents` says that the store has lost a piece, and that another never came."""

    async def told(*_: object) -> tuple[Progress, bool]:
        step = NextStep(ended=False)
        values: dict[str, Any] = {"registration_version": 1, "deadline_at": DEADLINE, "next": step}
        return Progress(state="incomplete", awaited=(LOST, OTHER), **values), False

    monkeypatch.setattr("services.registration.overview._progress", told)


@pytest.mark.usefixtures("_lost")
@pytest.mark.parametrize(
    ("at", "button"),
    [(AFTER_CLOSE, "Déposer mes documents"), (AFTER_DEADLINE, "Contacter le bureau des examens")],
)
async def test_what_we_lost_is_told_as_our_fault(site: Site, at: datetime, button: str) -> None:
    candidate = await site.world.saved()
    site.world.clock.instant = at
    text = words(await read(site, PAGE, candidate, arrived_at=at))
    assert "Par notre faute, nous avons perdu une partie de ce que vous aviez déposé" in text
    assert f"Ce qui manque encore {OUR_FAULT} Justificatif" in text
    assert button in text
    assert "sera annulée" not in text


@pytest.mark.usefixtures("_lost")
async def test_what_we_lost_is_no_part_of_what_one_was_cancelled_for(site: Site) -> None:
    candidate = await site.world.saved()
    await close(site, candidate)
    site.world.clock.instant = AFTER_DEADLINE
    await site.world.hear_documents(settled(candidate, Verdict.INCOMPLETE))
    text = words(await read(site, PAGE, candidate, arrived_at=AFTER_DEADLINE))
    assert "Ce qui manquait à la date limite Justificatif" in text
    assert "Pièce d’identité" not in text


async def test_an_officers_cancellation_says_the_officers_reason(site: Site) -> None:
    candidate = await site.world.saved()
    await cancel(site.world.ctx, candidate, await by_officer(site, candidate, "doublon <b>avéré</b>"))
    html = await read(site, PAGE, candidate)
    assert "doublon <b>" not in html
    assert "Motif : doublon <b>avéré</b>" in words(html)


async def test_in_english_an_officers_reason_is_said_to_be_french_and_ones_own_is_not(site: Site) -> None:
    cancelled, withdrawn = await site.world.saved(), await site.world.saved()
    await cancel(site.world.ctx, cancelled, await by_officer(site, cancelled, "doublon <b>avéré</b>"))
    await withdraw(site.world.ctx, withdrawn, "I move away")
    site.client.cookies.set("langue", "en")
    html = await read(site, PAGE, cancelled)
    reason = '<span lang="fr">doublon &lt;b&gt;avéré&lt;/b&gt;</span>'
    assert f"Decision of the exams office: {reason}" in html
    assert f"Reason: {reason}" in html
    assert "Reason: I move away" in await read(site, PAGE, withdrawn)


async def test_the_held_read_that_nothing_is_lost_but_not_the_officers_reason(site: Site) -> None:
    candidate = await site.world.saved()
    await hold(site.world.ctx, candidate, await by_officer(site, candidate, "soupçon de fraude"))
    text = words(await read(site, PAGE, candidate))
    assert "En attente d’une décision du bureau des examens" in text
    assert "n’est perdu" in text
    assert "soupçon" not in text
    await release(site.world.ctx, candidate, await by_officer(site, candidate, "rien à redire"))
    text = words(await read(site, PAGE, candidate))
    assert "Fin de la mise en attente" in text
    assert "redire" not in text


async def test_the_not_registered_read_it(site: Site) -> None:
    candidate = await site.world.activated()
    await close(site, candidate)
    text = words(await read(site, PAGE, candidate))
    assert "Non inscrit" in text
    assert "Au plus tard" not in text


async def test_an_ineligible_registration_is_kept_and_says_who_will_look(site: Site) -> None:
    address = {"lines": ["1 rue de la Paix"], "postcode": "75002", "commune": "Paris"}
    candidate = await site.world.saved(identification={"address": address})
    for action in (None, close):
        if action is not None:
            await action(site, candidate)
        html = await read(site, PAGE, candidate)
        text = words(html)
        assert "ne sera pas confirmée automatiquement" in text
        assert "un gestionnaire décidera" in text
        assert "Votre adresse n’est pas dans l’académie" in text
        assert "Vous déclarez une préparation complète" not in text
        assert "<details" not in html.partition("<main")[2].partition("</main>")[0]
    english = await site.ask(
        "GET", PAGE, candidate=candidate, headers={"Accept": "text/html", "Cookie": "langue=en"}
    )
    assert "Your address is not in the académie" in english.text


async def test_what_failed_stands_in_plain_sight_even_if_the_rules_changed_since(site: Site) -> None:
    address = {"lines": ["1 rue de la Paix"], "postcode": "75002", "commune": "Paris"}
    candidate = await site.world.saved(identification={"address": address})
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute(
            "UPDATE registration_version SET reasons = $2 WHERE candidate_id = $1",
            candidate,
            ["Une règle d’avant : notice, § 4."],
        )
    assert "Une règle d’avant : notice, § 4." in words(await read(site, PAGE, candidate))


@pytest.mark.parametrize("instant", [IN_TIME, AFTER_CLOSE, AFTER_DEADLINE], ids=["open", "closed", "late"])
@pytest.mark.parametrize("stage", [one for one in Stage if one is not Stage.DELETED])
async def test_the_page_and_the_api_say_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch, stage: Stage, instant: datetime
) -> None:
    candidate = await standing(site, stage)
    site.world.clock.instant = instant
    for told in TOLD.values():
        documents_say(monkeypatch, told)
        text = words(await read(site, PAGE, candidate))
        body = (await site.ask("GET", f"{ME}/overview", candidate=candidate)).json()
        step = body["candidature"]["next"]
        for part in (step["what"], step["by_text"] or "", step["then"]):
            assert plain(part) in plain(text)
        for part in (body["headline"], *(one["what"] for one in body["timeline"])):
            assert plain(part).lower() in plain(text).lower()
        assert ("Au plus tard le" in text) == (step["by"] is not None and step["doing"] is not None)
        assert (await site.ask("GET", ME, candidate=candidate)).json() == body["candidature"]
        if body["candidature"]["version"]:
            assert body["officer"]["name"] in text
            assert body["officer"]["portfolio"] == 12


@pytest.mark.parametrize(
    ("stage", "told", "said", "by"),
    [
        (Stage.AWAITING_DOCUMENTS, "complete", "Rien : votre dossier est complet", None),
        (Stage.AWAITING_DOCUMENTS, "missing", "Déposez la confirmation datée et signée", DEADLINE),
        (Stage.AWAITING_DOCUMENTS, "of an older version", "Déposez la confirmation", DEADLINE),
        (Stage.AWAITING_DOCUMENTS, "refused", "Déposez les pièces qui manquent encore", LONGER),
        (Stage.AWAITING_DOCUMENTS, "away", "Déposez la confirmation datée et signée", DEADLINE),
        (Stage.CONFIRMED, "complete", "Rien : votre inscription est définitive", None),
        (Stage.CONFIRMED, "refused", "pièce", LONGER),
    ],
)
async def test_the_standing_alone_knows_of_the_pieces(
    site: Site, monkeypatch: pytest.MonkeyPatch, stage: Stage, told: str, said: str, by: datetime | None
) -> None:
    candidate = await standing(site, stage)
    site.world.clock.instant = AFTER_CLOSE
    documents_say(monkeypatch, TOLD[told])
    step = (await site.ask("GET", ME, candidate=candidate)).json()["next"]
    assert said in step["what"]
    assert (step["by"] and datetime.fromisoformat(step["by"])) == by


@pytest.mark.parametrize(
    ("stage", "told", "instant", "heading"),
    [
        (Stage.AWAITING_DOCUMENTS, MISSING, AFTER_CLOSE, "Ce qui manque encore"),
        (Stage.AWAITING_DOCUMENTS, MISSING, DEADLINE, "Ce qui manquait à la date limite"),
        (Stage.AWAITING_DOCUMENTS, REFUSED, DEADLINE, "Ce qui manque encore"),
        (Stage.HELD, MISSING, AFTER_DEADLINE, "Ce qui manquait à la date limite"),
        (Stage.CANCELLED, MISSING, AFTER_DEADLINE, "Ce qui manquait à la date limite"),
        (Stage.CANCELLED, REFUSED, AFTER_DEADLINE, "Ce qui manque encore"),
        (Stage.WITHDRAWN, MISSING, AFTER_CLOSE, None),
    ],
)
async def test_what_is_missing_is_called_so_while_it_may_be_handed_in(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    stage: Stage,
    told: Progress,
    instant: datetime,
    heading: str | None,
) -> None:
    candidate = await standing(site, stage)
    site.world.clock.instant = instant
    documents_say(monkeypatch, told)
    found = re.findall("<h2>(Ce qui manqu[^<]*)</h2>", await read(site, PAGE, candidate))
    assert list(map(plain, found)) == ([] if heading is None else [heading])


async def test_older_versions_are_shown_perimees_and_not_handed_out(site: Site) -> None:
    candidate = await site.world.saved()
    await site.world.save(candidate, version=1, identification={"phone": "06 39 98 00 00"})
    html = await read(site, f"{PAGE}/versions", candidate)
    text = words(html)
    assert text.index("Version 2 en vigueur") < text.index("Version 1 périmée")
    assert html.count(".pdf") == 1
    pdf = await site.ask("GET", f"{PAGE}/confirmation.pdf", candidate=candidate)
    assert pdf.headers["content-disposition"].endswith('version-2.pdf"')
    listed = (await site.ask("GET", "/api/registration/me/versions", candidate=candidate)).json()
    assert [(one["version"], one["latest"]) for one in listed] == [(2, True), (1, False)]
    assert "Téléphone : « 06 39 98 12 34 » devient « 06 39 98 00 00 »" in text
    [change] = listed[0]["changes"]
    assert (change["label"], change["after"]) == ("Téléphone", "06 39 98 00 00")
    assert listed[1]["changes"] is None


async def test_who_has_no_version_is_told_so(site: Site) -> None:
    candidate = await site.world.activated()
    assert "encore rien enregistré" in words(await read(site, f"{PAGE}/versions", candidate))
    answer = await site.ask(
        "GET", f"{PAGE}/confirmation.pdf", candidate=candidate, headers={"Accept": "text/html"}
    )
    assert answer.status_code == 409
    assert "Mon espace" in answer.text


async def test_giving_up_asks_first_and_is_undone_by_saving(site: Site) -> None:
    candidate = await site.world.saved()
    path = f"{PAGE}/retrait"
    unsure = await send(site, path, candidate, {"reason": "je déménage"})
    assert unsure.status_code == 422
    assert "je déménage" in unsure.text
    assert "Erreur :" in unsure.text
    assert await site.world.stage(candidate) == "registered"
    done = await send(site, path, candidate, {"reason": "je déménage", "sure": "oui"})
    assert (done.status_code, done.headers["location"]) == (303, PAGE)
    text = words(await read(site, PAGE, candidate))
    assert "Votre candidature est retirée" in text
    assert "enregistrez de nouveau votre pré-inscription" in text
    assert "Motif : je déménage" in text
    await site.world.save(candidate, version=1, identification={"phone": "06 39 98 00 00"})
    assert await site.world.stage(candidate) == "registered"


async def test_a_draft_beside_a_withdrawn_candidature_promises_no_version_in_force(site: Site) -> None:
    candidate = await site.world.saved()
    await draft(site, candidate)
    done = await send(site, f"{PAGE}/retrait", candidate, {"sure": "oui"})
    assert done.status_code == 303, words(done.text)
    text = words(await read(site, PAGE, candidate))
    assert "un brouillon qui n’est pas enregistré : il ne compte pas" in text
    assert "reste en vigueur" not in text


async def test_giving_up_is_answered_in_the_readers_language(site: Site) -> None:
    candidate = await site.world.saved()
    site.client.cookies.set("langue", "en")
    unsure = await send(site, f"{PAGE}/retrait", candidate, {})
    assert "Tick this box if you really want to withdraw" in unsure.text
    await send(site, f"{PAGE}/retrait", candidate, {"sure": "oui"})
    assert "Your candidature is withdrawn" in words(await read(site, PAGE, candidate))


async def test_giving_up_twice_is_one_and_with_nothing_saved_impossible(site: Site) -> None:
    candidate = await site.world.saved()
    for _ in range(2):
        answer = await site.ask(
            "POST", "/api/registration/me/withdrawal", candidate=candidate, json={"reason": "travail"}
        )
        assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn")
    assert (await site.world.acts(candidate)).count("withdrawn") == 1
    nobody = await site.world.activated()
    assert "Il n’y a pas de candidature à retirer" in words(await read(site, f"{PAGE}/retrait", nobody))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (hold, "en attente d’une décision du bureau des examens"),
        (None, "inscription définitive"),
    ],
    ids=["held", "confirmed"],
)
async def test_whose_candidature_cannot_be_given_up_here_is_told_its_state(
    site: Site, act: Callable[..., Awaitable[Any]] | None, said: str
) -> None:
    candidate = await site.world.saved()
    if act is None:
        await close(site, candidate)
        await site.world.hear_documents(settled(candidate, Verdict.COMPLETE))
    else:
        await act(site.world.ctx, candidate, await by_officer(site, candidate, "doublon"))
    text = words(await read(site, f"{PAGE}/retrait", candidate))
    assert said in text
    assert "Elle ne peut pas être retirée ici" in text
    assert "Contacter le bureau des examens" in text
    assert "Il n’y a pas de candidature" not in text


async def test_whose_candidature_is_over_is_not_sent_to_the_office_to_give_it_up(site: Site) -> None:
    withdrawn, cancelled = await site.world.saved(), await site.world.saved()
    await site.ask("POST", "/api/registration/me/withdrawal", candidate=withdrawn, json={})
    await cancel(site.world.ctx, cancelled, await by_officer(site, cancelled, "doublon"))
    for candidate, said in ((withdrawn, "déjà retirée"), (cancelled, "il n’y a plus rien à retirer")):
        text = words(await read(site, f"{PAGE}/retrait", candidate))
        assert said in text
        assert "écrivez au bureau" not in text


async def test_who_is_held_while_the_form_is_open_sees_the_draft_and_until_when(site: Site) -> None:
    candidate = await site.world.saved()
    async with site.world.ctx.database.transaction() as conn:
        await conn.execute(
            "UPDATE candidature SET stage = 'held', hold_cause = 'officer' WHERE candidate_id = $1", candidate
        )
    await draft(site, candidate)
    text = words(await read(site, PAGE, candidate))
    assert "un brouillon qui n’est pas enregistré : il ne compte pas" in text
    assert "Relire ou modifier mon inscription , jusqu’au dimanche 22 novembre 2020 à 23 h 59" in text
    site.world.clock.instant = AFTER_CLOSE
    text = words(await read(site, PAGE, candidate))
    assert "un brouillon" not in text
    assert "Relire ou modifier" not in text


async def test_a_form_of_another_page_or_site_withdraws_nobody(site: Site) -> None:
    candidate = await site.world.saved()
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await site.ask(
            "POST", f"{PAGE}/retrait", candidate=candidate, data={"sure": "oui"}, headers=headers
        )
        assert problem(answer)[0] == 403
    assert await site.world.stage(candidate) == "registered"


@pytest.mark.parametrize("reason", ["x" * 1001, "a\x00b"])
async def test_a_reason_that_cannot_be_kept_is_refused_at_its_field(site: Site, reason: str) -> None:
    candidate = await site.world.saved()
    answer = await send(site, f"{PAGE}/retrait", candidate, {"reason": reason, "sure": "oui"})
    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert await site.world.stage(candidate) == "registered"


async def test_the_last_days_are_told_as_one_counts_them(site: Site) -> None:
    candidate = await site.world.activated()
    for back, told in ((0, "C’est aujourd’hui"), (1, "C’est demain"), (2, "Il reste 2 jours.")):
        site.world.clock.instant = AFTER_CLOSE - timedelta(days=back, hours=1)
        assert told in words(await read(site, PAGE, candidate))


async def test_a_draft_is_told_as_not_saved_while_it_may_be(site: Site) -> None:
    candidate = await site.world.saved()
    await draft(site, candidate)
    text = words(await read(site, PAGE, candidate))
    assert "un brouillon qui n’est pas enregistré : il ne compte pas" in text
    assert "la version 1 reste en vigueur" in text
    overview = "/api/registration/me/overview"
    assert (await site.ask("GET", overview, candidate=candidate)).json()["draft_at"] is not None
    await close(site, candidate)
    assert "brouillon" not in words(await read(site, PAGE, candidate))
    assert (await site.ask("GET", overview, candidate=candidate)).json()["draft_at"] is None
