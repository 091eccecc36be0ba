"""What every letter says, in both its forms."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from services.chassis.office import load_office
from services.contracts.internal import MissingPieces
from services.contracts.stages import Stage
from services.notifications.domain import Content, Facts
from services.notifications.kinds import KINDS
from services.notifications.letters import Letter, duration
from services.notifications.smtp import Refused, message
from tests.unit.notifications.samples import (
    CLOSES_AT,
    DEADLINE,
    FACTS,
    IN_THE_WINDOW,
    SITE,
    TITLES,
    content,
    letter,
    standing,
    usual_instant,
    writer,
)

MILLISECOND = timedelta(milliseconds=1)
LIMIT = "lundi 7 décembre 2020 à 23 h 59"


class _Words(HTMLParser):
    """The words a reader sees, and every address the page would load by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.loaded: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("title", "style", "script")
        if tag in ("img", "link", "script", "iframe"):
            self.loaded.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("title", "style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def read(html: str) -> _Words:
    words = _Words()
    words.feed(html)
    return words


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def content_with_links() -> set[str]:
    return {kind for kind in KINDS if content(kind).link is not None}


def both(found: Letter) -> tuple[str, str]:
    return plain(found.text), plain(" ".join(read(found.html).words))


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_signed_by_the_office_and_leads_to_the_site(kind: str) -> None:
    office = load_office()
    for words in both(letter(kind)):
        for expected in (
            office.academy,
            office.division,
            office.name,
            office.email,
            office.phone,
            *office.address,
            SITE + "/",
        ):
            assert expected in words


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_needs_no_image_and_loads_nothing(kind: str) -> None:
    assert read(letter(kind).html).loaded == []


@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same_instants(kind: str) -> None:
    text, html = both(letter(kind))
    instant = re.compile(r"\d{1,2} \w+ \d{4} à \d{1,2} h \d\d")
    assert set(instant.findall(text)) == set(instant.findall(html))


@pytest.mark.parametrize("kind", KINDS)
def test_lines_of_text_stay_short_but_for_addresses(kind: str) -> None:
    lines = [line for line in letter(kind).text.splitlines() if "http" not in line]
    assert max(map(len, lines)) <= 78


@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_names_no_piece_and_no_reason(kind: str) -> None:
    said = content(kind)
    private = [*(said.missing.titles if said.missing else ())]
    private += [said.refusal.title, said.refusal.reason] if said.refusal else []
    assert not [words for words in private if words in letter(kind).subject]


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"confirmed", "reinstated"}))
def test_only_a_confirmed_inscription_is_called_definitive(kind: str) -> None:
    found = letter(kind)
    assert "définitive" not in found.subject + found.text + found.html


def test_a_confirmed_inscription_is_called_definitive() -> None:
    for words in both(letter("confirmed")):
        assert "est définitive" in words


def test_a_reinstated_candidature_is_definitive_only_if_confirmed() -> None:
    for stage, expected in ((Stage.AWAITING_DOCUMENTS, False), (Stage.CONFIRMED, True)):
        found = letter("reinstated", said=Content(standing=standing(stage)))
        assert ("définitive" in found.text) is expected


def test_the_activation_link_stands_alone_on_its_line() -> None:
    link = content("activation").link
    assert link is not None
    assert link.url in letter("activation").text.splitlines()
    assert f'href="{link.url}"' in letter("activation").html


def test_before_the_48_hours_run_the_activation_mail_says_how_long() -> None:
    for words in both(letter("activation")):
        assert "Vous avez 48 h à partir de l’envoi de ce message pour activer votre compte." in words


def test_once_the_48_hours_run_the_activation_mail_says_until_when() -> None:
    said = content("activation")
    assert said.link is not None
    running = said.link.model_copy(update={"expires_at": DEADLINE})
    for words in both(letter("activation", said=Content(link=running, calendar=said.calendar))):
        assert LIMIT in words
        assert "48 h" not in words


def test_what_follows_the_activation_is_not_told_as_what_follows_the_delay() -> None:
    for words in both(letter("activation")):
        assert "Après, il est trop tard : le compte est supprimé" in words
        assert "Une fois votre compte activé, connectez-vous" in words
        assert "Ensuite" not in words


@pytest.mark.parametrize(
    ("now", "told", "not_told"),
    [
        (CLOSES_AT - MILLISECOND, "n’oubliez pas d’enregistrer, au plus tard le dimanche 22", "close depuis"),
        (
            CLOSES_AT,
            "La pré-inscription est close depuis le dimanche 22 novembre 2020 à 23 h 59",
            "M’inscrire",
        ),
        (CLOSES_AT, "ce compte ne permet plus de s’inscrire à cette session", "en créer un autre"),
        (CLOSES_AT, "Après, le compte est supprimé.", "au plus tard le dimanche 22"),
    ],
)
def test_an_activation_mail_that_leaves_after_the_close_asks_nobody_to_register(
    now: datetime, told: str, not_told: str
) -> None:
    for words in both(letter("activation", now=now)):
        assert told in words
        assert not_told not in words


def missing_again(stage: Stage, titles: tuple[str, ...] = TITLES) -> Content:
    return Content(standing=standing(stage), missing=MissingPieces(registration_version=2, titles=titles))


@pytest.mark.parametrize("kind", ["confirmed", "reinstated"])
def test_a_confirmed_file_of_which_a_piece_is_missing_again_is_told_so(kind: str) -> None:
    for words in both(letter(kind, said=missing_again(Stage.CONFIRMED), now=CLOSES_AT)):
        assert "est définitive" in words
        assert all(title in words for title in TITLES)
        assert "manquent à nouveau" in words
        assert "« Mes documents », sur le site d’inscription, dit pourquoi. Déposez-les à nouveau." in words
        assert LIMIT in words
        assert "cela ne l’annule pas" in words
        assert "refus" not in words, "it may be that we have lost it"
        assert "plus rien à déposer" not in words
        assert "complet" not in words
    for words in both(letter(kind, said=missing_again(Stage.CONFIRMED, TITLES[:1]), now=DEADLINE)):
        assert "Depuis, cette pièce manque à nouveau" in words
        assert "dit pourquoi, et s’il faut nous contacter" in words
        assert "La date limite pour la déposer à nouveau est passée" in words
        assert "refus" not in words
        assert "Déposez" not in words


@pytest.mark.parametrize("kind", ["held", "released", "reinstated"])
def test_no_letter_says_that_we_have_all_that_was_handed_in(kind: str) -> None:
    """The store may have lost some of it, and that may be why one was held (ours 7)."""
    for words in both(letter(kind)):
        assert "montre ce que nous avons reçu de vous" in words
        assert "toujours là" not in words
        assert "perdu" not in words


@pytest.mark.parametrize("kind", ["confirmed", "reinstated"])
def test_a_confirmed_file_is_told_complete_only_where_its_pieces_are_known(kind: str) -> None:
    for words in both(letter(kind, said=missing_again(Stage.CONFIRMED, ()))):
        assert "Vous n’avez plus rien à déposer." in words
    for words in both(letter(kind, said=Content(standing=standing(Stage.CONFIRMED)))):
        assert "plus rien à déposer" not in words


@pytest.mark.parametrize(
    ("stage", "now", "told"),
    [
        (Stage.CONFIRMED, DEADLINE, "Depuis, votre inscription est devenue définitive."),
        (Stage.CONFIRMED, CLOSES_AT, "Depuis, votre inscription est devenue définitive."),
        (Stage.CANCELLED, CLOSES_AT, "Depuis, votre candidature a été annulée"),
        (Stage.CANCELLED, DEADLINE, "Depuis, votre candidature a été annulée"),
        (Stage.HELD, DEADLINE, "un gestionnaire l’examine et décide"),
        (Stage.AWAITING_DOCUMENTS, DEADLINE, "Une décision va être prise"),
    ],
)
def test_the_mail_of_a_save_that_is_told_late_orders_nothing_that_is_over(
    stage: Stage, now: datetime, told: str
) -> None:
    unmet = {"unmet": ("Vous déclarez une préparation incomplète.",)}
    said = Content(standing=standing(stage).model_copy(update=unmet), confirmation=b"%PDF-1.7")
    found = letter("registration_saved", said=said, now=now)
    assert found.subject == "Pré-inscription enregistrée (version 2)"
    assert found.attachment is None
    for words in both(found):
        assert "La version 2 de votre pré-inscription est enregistrée." in words
        assert told in words
        for order in ("il reste", "signez", "déposez", "au plus tard", "est annulée s’il", "joint"):
            assert order not in words, order


def test_who_saves_while_held_hands_in_and_reads_that_an_officer_decides() -> None:
    said = replace(content("registration_saved"), standing=standing(Stage.HELD))
    for words in both(letter("registration_saved", said=said)):
        assert "vérifiez-la, datez-la et signez-la" in words
        assert LIMIT in words
        assert "un gestionnaire l’examine et décide" in words
        assert "annulée" not in words


@pytest.mark.parametrize(
    ("kind", "what_comes"),
    [
        ("registration_saved", "sans elles, votre candidature sera annulée. Avec elles, elle sera mise"),
        ("checklist_complete", "un gestionnaire examinera votre situation avant toute décision"),
    ],
)
def test_who_does_not_meet_a_condition_is_told_which_and_what_comes_of_it(kind: str, what_comes: str) -> None:
    said = content(kind)
    assert said.standing is not None
    unmet = ("Vous déclarez une préparation incomplète.",)
    asked = replace(said, standing=said.standing.model_copy(update={"unmet": unmet}))
    for words in both(letter(kind, said=asked)):
        assert "une condition pour s’inscrire n’est pas remplie" in words
        assert what_comes in words
        assert unmet[0] in words
    for words in both(letter(kind)):
        assert "n’est pas remplie" not in words


def test_an_activation_mail_can_be_written_without_the_calendar() -> None:
    said = content("activation")
    words = plain(letter("activation", said=Content(link=said.link)).text)
    assert "activez votre compte dès que possible" in words
    assert not re.search(r"\d+ h", words)
    assert "dans le délai qui suit l’envoi" in plain(letter("account_deleted", said=Content()).text)


@pytest.mark.parametrize(
    "kind", ["registration_saved", "reminder", "reinstated", "released", "deadline_moved"]
)
def test_what_is_to_be_done_says_by_when_in_paris_and_what_happens_then(kind: str) -> None:
    for words in both(letter(kind)):
        assert f"{LIMIT} (heure de Paris)" in words
        assert "la candidature est annulée s’il manque encore" in words


def test_a_reminder_names_each_missing_piece_and_escapes_it() -> None:
    found = letter("reminder")
    for words in both(found):
        assert all(title in words for title in TITLES)
    assert "<copie>" not in found.html


def test_an_older_versions_mail_says_which_one_counts() -> None:
    newer = Content(standing=standing(Stage.REGISTERED, version=3))
    assert "vous avez enregistré la version 3" in plain(letter("registration_saved", said=newer).text)
    assert "Depuis" not in letter("registration_saved").text


@pytest.mark.parametrize(
    ("now", "expected"),
    [(CLOSES_AT - MILLISECOND, "encore modifier"), (CLOSES_AT, "plus aucune modification")],
)
def test_changes_are_offered_until_the_window_closes(now: object, expected: str) -> None:
    assert expected in plain(letter("registration_saved", now=now).text)  # type: ignore[arg-type]


def test_the_mail_of_a_save_names_what_is_attached_and_what_to_do_with_it() -> None:
    for words in both(letter("registration_saved")):
        assert "jointe à ce message : confirmation-inscription-v2.pdf" in words
        assert "imprimez la confirmation jointe" in words
        assert "vérifiez-la, datez-la et signez-la" in words


def test_the_mail_of_a_save_tells_of_the_red_pen_and_until_when() -> None:
    for words in both(letter("registration_saved")):
        assert "les rectifications se font au stylo rouge uniquement" in words
        assert "page corrigée : dimanche 22 novembre 2020 à 23 h 59 (heure de Paris)" in words
    for words in both(letter("registration_saved", now=CLOSES_AT)):
        assert "close depuis le dimanche 22 novembre 2020 à 23 h 59" in words
        assert "plus aucune modification n’est prise en compte, en ligne ou au stylo rouge" in words


def test_the_mail_of_a_save_in_a_form_opened_again_tells_of_the_red_pen_until_its_own_end() -> None:
    own = standing(Stage.REGISTERED).model_copy(update={"closes_at": CLOSES_AT + timedelta(days=3)})
    usual = content("registration_saved")
    opened = replace(usual, standing=own)
    for words in both(letter("registration_saved", said=opened, now=CLOSES_AT)):
        assert "les rectifications se font au stylo rouge uniquement" in words
        assert "page corrigée : mercredi 25 novembre 2020 à 23 h 59 (heure de Paris)" in words


def test_what_is_saved_is_never_called_an_inscription() -> None:
    saved = re.compile(
        r"(?<!pré-)\binscription(?: n’a été| n’y est| n’était| est| était)?(?: encore)? enregistrée", re.I
    )
    for kind, one in KINDS.items():
        words = plain(f"{one.subject} {one.gist} {letter(kind).text}")
        assert not saved.search(words), kind
    subject = letter("registration_saved").subject
    assert subject == "Pré-inscription enregistrée (version 2) : il reste à signer et à déposer"


def test_a_hold_repeats_no_figure_of_the_rules() -> None:
    assert not re.search(r"\d+ ans", plain(letter("held", facts=Facts(hold_cause="eligibility")).text))


def test_without_the_attachment_the_mail_of_a_save_leads_to_the_page() -> None:
    said = Content(standing=standing(Stage.REGISTERED))
    for words in both(letter("registration_saved", said=said)):
        assert "jointe" not in words
        assert "téléchargez la confirmation" in words


def test_a_release_tells_the_date_and_what_is_missing_or_that_a_decision_comes() -> None:
    for words in both(letter("released")):
        assert "n’est plus en attente" in words
        assert all(title in words for title in TITLES)
    for words in both(letter("released", now=DEADLINE)):
        assert "Une décision va être prise" in words
        assert LIMIT not in words


def test_who_is_not_activated_reads_until_when_and_what_happens_then() -> None:
    for words in both(letter("activation_reminder")):
        assert "mercredi 11 novembre 2020 à 10 h 29 (heure de Paris)" in words
        assert "le compte est supprimé" in words
        assert "enregistrer au plus tard : dimanche 22 novembre 2020 à 23 h 59" in words


def test_who_has_saved_nothing_reads_until_when_and_that_an_account_is_no_inscription() -> None:
    for words in both(letter("not_saved")):
        assert "dimanche 22 novembre 2020 à 23 h 59 (heure de Paris)" in words
        assert "aucune pré-inscription n’y est encore enregistrée" in words
        assert "Le compte seul n’est pas une inscription." in words


def test_a_refusal_says_piece_reason_and_deadline() -> None:
    for words in both(letter("piece_refused")):
        assert "Justificatif de domicile" in words
        assert "Motif : La date est illisible." in words
        assert LIMIT in words


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.HELD, Stage.CANCELLED])
def test_a_refusal_threatens_nobody_with_a_cancellation_that_cannot_come(stage: Stage) -> None:
    said = replace(content("piece_refused"), standing=standing(stage))
    for words in both(letter("piece_refused", said=said)):
        assert "la candidature est annulée" not in words
    waiting = replace(content("piece_refused"), standing=standing(Stage.AWAITING_DOCUMENTS))
    assert "la candidature est annulée" in plain(letter("piece_refused", said=waiting).text)


def test_a_held_candidate_who_may_still_hand_in_reads_what_and_by_when() -> None:
    said = replace(content("held"), missing=MissingPieces(registration_version=2, titles=TITLES))
    for words in both(letter("held", now=IN_THE_WINDOW, said=said)):
        assert f"À déposer au plus tard : {LIMIT}" in words
        assert all(title in words for title in TITLES)
        assert "annulée s’il manque" not in words
    complete = replace(said, missing=MissingPieces(registration_version=2, titles=()))
    for now, which in ((IN_THE_WINDOW, complete), (DEADLINE, said)):
        words = plain(letter("held", now=now, said=which).text)
        assert "Gardez vos pièces" in words
        assert "À déposer" not in words


@pytest.mark.parametrize("kind", ["deadline_moved", "reinstated", "released"])
def test_a_new_date_is_told_with_what_is_still_missing(kind: str) -> None:
    said = replace(content(kind), missing=MissingPieces(registration_version=2, titles=TITLES))
    for words in both(letter(kind, said=said)):
        assert all(title in words for title in TITLES)
    complete = replace(said, missing=MissingPieces(registration_version=2, titles=()))
    assert "Toutes vos pièces sont là" in plain(letter(kind, said=complete).text)
    unknown = replace(said, missing=None)
    assert "dit s’il manque une pièce" in plain(letter(kind, said=unknown).text)
    for which in (said, complete, unknown):
        over = plain(letter(kind, now=DEADLINE, said=which).text)
        assert "pièce" not in over.replace("ou une pièce", "").replace("vos pièces justificatives", "")


@pytest.mark.parametrize("kind", ["reinstated", "released"])
def test_who_lacks_nothing_is_not_threatened_when_reinstated_or_released(kind: str) -> None:
    complete = replace(content(kind), missing=MissingPieces(registration_version=2, titles=()))
    for words in both(letter(kind, said=complete)):
        assert "Une décision va être prise" in words
        assert "À déposer" not in words
        assert "annulée s’il manque" not in words


@pytest.mark.parametrize("cause", ["ours", "eligibility", "officer"])
def test_a_hold_that_comes_after_a_decision_says_that_the_decision_is_no_longer_good(cause: str) -> None:
    words = plain(letter("held", facts=Facts(hold_cause=cause)).text)
    assert "Si vous en aviez déjà reçu une, elle ne vaut plus." in words
    assert "avant toute décision" not in words


def test_a_refusal_orders_nothing_of_whom_an_officer_may_have_cancelled() -> None:
    said = replace(content("piece_refused"), standing=standing(Stage.CANCELLED))
    for words in both(letter("piece_refused", said=said)):
        assert "lui seul peut la rétablir" in words
        assert "Déposez-la à nouveau" not in words
        assert f"Date limite pour déposer la pièce corrigée : {LIMIT}" in words
    over = plain(letter("piece_refused", now=DEADLINE, said=said).text)
    assert "Date limite" not in over


def test_a_held_candidate_whose_deadline_moves_reads_that_an_officer_decides() -> None:
    text = plain(letter("deadline_moved", said=Content(standing=standing(Stage.HELD))).text)
    assert "un gestionnaire décide" in text
    assert "annulée" not in text


def test_a_moved_deadline_is_not_explained_by_the_reason_of_a_hold() -> None:
    said = Content(standing=standing(Stage.HELD, reason="Une condition n’est pas remplie."))
    assert "condition" not in plain(letter("deadline_moved", said=said).text)


def test_who_is_reinstated_after_the_deadline_is_told_of_a_decision_and_no_date_to_keep() -> None:
    for words in both(letter("reinstated", now=DEADLINE)):
        assert "Une décision va être prise" in words
        assert LIMIT not in words
        assert "À déposer" not in words


def test_a_refusal_that_its_owner_does_not_tell_leads_to_the_page() -> None:
    said = Content(standing=standing(Stage.AWAITING_DOCUMENTS))
    assert "dit laquelle et pourquoi" in plain(letter("piece_refused", said=said).text)


def test_a_cancelled_candidate_reads_why_and_the_way_of_appeal() -> None:
    for words in both(letter("cancelled")):
        assert f"à la date limite, le {LIMIT}" in words
        assert all(title in words for title in TITLES)
        assert "recours gracieux" in words
        assert "Vous avez 2 mois à partir de ce message." in words


def test_an_officers_reason_is_told_as_it_was_written() -> None:
    said = Content(standing=standing(Stage.CANCELLED, reason="Fausse déclaration <établie>."))
    found = letter("cancelled", said=said)
    assert "Motif : Fausse déclaration <établie>." in plain(found.text)
    assert "&lt;établie&gt;" in found.html


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("ours", "venir de notre service"),
        ("eligibility", "notice, § 4"),
        ("officer", "Un gestionnaire a mis votre candidature en attente"),
    ],
)
def test_a_hold_says_its_cause_and_that_nothing_is_cancelled(cause: str, expected: str) -> None:
    found = plain(letter("held", facts=Facts(hold_cause=cause)).text)
    assert expected in found
    assert "n’est pas annulée" in found


def test_a_deleted_account_may_start_again_only_while_the_window_is_open() -> None:
    assert "recommencer" in letter("account_deleted", now=CLOSES_AT - MILLISECOND).text
    assert "recommencer" not in letter("account_deleted", now=CLOSES_AT).text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(48 * 3600, "48 h"), (300, "5 minutes"), (20, "20 secondes"), (90, "90 secondes")],
)
def test_a_duration_is_said_in_the_largest_whole_unit(seconds: int, expected: str) -> None:
    assert duration(seconds) == expected


def test_french_signs_do_not_begin_a_line() -> None:
    for kind in KINDS:
        assert not re.search(r"^[:;!?»]", letter(kind).text, re.MULTILINE)
        assert not re.search(r"\s§$|«$", letter(kind).text, re.MULTILINE)


def test_a_message_has_text_first_then_html_and_no_machine_answers_it() -> None:
    found = message(
        letter("reminder"),
        to="candidate@example.org",
        sender="Bureau d’Aix <bureau@academie.example>",
        message_id="<a@academie.example>",
        now=IN_THE_WINDOW,
    )
    read_back = message_from_bytes(found.as_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in read_back.iter_parts()] == ["text/plain", "text/html"]
    assert read_back["Message-ID"] == "<a@academie.example>"
    assert read_back["Auto-Submitted"] == "auto-generated"
    assert read_back["From"] == "Bureau d’Aix <bureau@academie.example>"
    assert read_back["Subject"] == letter("reminder").subject
    assert read_back["Date"].datetime == IN_THE_WINDOW


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "two@a.example, three@a.example", ""])
def test_an_address_that_is_not_one_is_refused_for_good(address: str) -> None:
    with pytest.raises(Refused):
        message(letter("reminder"), to=address, sender="a@b.example", message_id="<a@b>", now=IN_THE_WINDOW)


def test_facts_keep_no_personal_data_field() -> None:
    assert set(Facts.model_fields) == {
        "session_id",
        "issue",
        "version",
        "review_id",
        "deadline_at",
        "hold_cause",
    }
    assert FACTS.version == 2


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - content_with_links()))
def test_a_letter_read_again_says_what_the_mail_says_without_style_or_attachment(kind: str) -> None:
    said = replace(content(kind), confirmation=None)
    now = usual_instant(kind)
    words = writer().repeat(KINDS[kind], FACTS, said, now)
    assert words.text == letter(kind, said=said).text
    assert not re.search(r"style=|class=|<script|<img", words.html)
    mailed = both(letter(kind, said=said))[1]
    for paragraph in re.findall(r"<(?:p|li)>(.*?)</(?:p|li)>", words.html, re.DOTALL):
        assert plain(" ".join(read(paragraph).words)).strip() in mailed


@pytest.mark.parametrize("kind", sorted(content_with_links()))
def test_no_letter_with_a_secret_link_can_be_read_again(kind: str) -> None:
    with pytest.raises(UndefinedError):
        writer().repeat(KINDS[kind], FACTS, content(kind), usual_instant(kind))


def test_a_new_version_says_that_the_confirmation_signed_before_no_longer_counts() -> None:
    for words in both(letter("registration_saved")):
        assert "La confirmation de la version 1 ne compte plus" in words
        assert "même si vous l’aviez déjà signée ou déposée." in words


def test_who_withdrew_reads_that_coming_back_means_signing_again() -> None:
    for words in both(letter("withdrawn")):
        assert "il faudra la signer et la déposer, même si vous aviez déposé l’ancienne" in words


def test_a_letter_about_documents_leads_to_them() -> None:
    for words in both(letter("reminder")):
        assert "/documents" in words
    assert "/documents" not in letter("activation").text
