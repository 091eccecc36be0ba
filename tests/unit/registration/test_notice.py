"""The notice says what the rules and the calendar say, and invents no link."""

import re
import tomllib

from services.registration.configuration import DATA, calendar
from services.registration.notice import Link, Question, notice, questions
from services.registration.pages.room import linked
from tests.plain import plain
from tests.unit.registration.rows import CONFIGURATION

CALENDAR = calendar(DATA / "session-2021.toml")
SECTIONS = notice(CALENDAR, CONFIGURATION)
TEXTS = [text for one in SECTIONS for text in one.paragraphs]
LINKS = {
    "https://appli.ac-aix-marseille.fr/amex/",
    "https://eduscol.education.fr/cid47640/le-baccalaureat-professionnel.html",
    "https://eduscol.education.fr/pid23236/diplomes-professionnels.html",
}


def test_the_notice_has_seven_sections_with_its_dates_and_conditions() -> None:
    assert [one.number for one in SECTIONS] == list(range(1, 8))
    text = " ".join(TEXTS)
    assert "dimanche 22 novembre 2020 à 23 h 59" in text
    assert "lundi 7 décembre 2020 à 23 h 59" in text
    assert "48 h" in text
    assert "04, 05, 13, 84" in SECTIONS[3].paragraphs[0]
    assert "au moins 3 ans" in SECTIONS[3].paragraphs[0]


def test_pieces_and_people_are_those_of_the_rules_and_of_the_office() -> None:
    assert len(SECTIONS[2].pieces) == len(CONFIGURATION.rules.pieces)
    assert SECTIONS[1].people == CONFIGURATION.office.people


def test_another_calendar_makes_another_notice() -> None:
    shorter = CALENDAR.model_copy(update={"activation_seconds": 3600})
    assert "sous 1 h" in " ".join(notice(shorter, CONFIGURATION)[0].paragraphs)


def test_the_links_are_those_of_the_notice_and_no_other() -> None:
    assert {link for one in SECTIONS for link in one.links} == LINKS
    assert not re.search("https?:", " ".join(TEXTS))


def test_the_help_answers_with_the_sessions_dates_and_leads_nowhere_outside() -> None:
    found = questions(CALENDAR, CONFIGURATION)
    assert len(found) >= 12
    text = " ".join(one.answer for one in found)
    assert "23 h 59" in text
    assert not re.search(r"https?:|[][{}]|définitive", text)
    assert all(link.address.startswith("/") for one in found for link in one.links)


def test_each_link_of_the_help_stands_where_the_answer_has_its_words() -> None:
    """A page shows the links that were written, though the API tells them beside a plain answer."""
    written = [one["answer"] for one in tomllib.loads((DATA / "help.toml").read_text())["questions"]]
    found = questions(CALENDAR, CONFIGURATION)
    for one, marked in zip(found, written, strict=True):
        again = plain(re.sub(r'<a href="([^"]+)">(.*?)</a>', r"[\2](\1)", linked(one)))
        between = map(re.escape, re.split(r"\{\w+\}", marked))
        assert re.fullmatch(".+?".join(between), again), again
    assert sum(len(one.links) for one in found) > 10


def test_whoever_has_dates_of_their_own_is_sent_to_them_where_the_help_gives_the_sessions() -> None:
    """A form opened again, a longer deadline: but no account is opened after the close."""
    for one in tomllib.loads((DATA / "help.toml").read_text())["questions"]:
        dated = re.search(r"\{(closes|deadline)\}", one["answer"]) is not None
        own = "si elle est différente" in one["answer"] and "/mon-espace" in one["answer"]
        again = one["question"] == "Mon compte a été supprimé. Puis-je recommencer ?"
        assert own == (dated and not again), one["answer"]
        assert ("Après cette date, ce n’est plus possible." in one["answer"]) == again


def test_an_answer_is_escaped_around_its_links() -> None:
    one = Question(question="?", answer="<b> & ici, ici", links=(Link(words="ici", address="/aide"),))
    assert linked(one) == '&lt;b&gt; &amp; <a href="/aide">ici</a>, ici'


def test_who_has_no_printer_is_told_where_to_print() -> None:
    (answer,) = [one.answer for one in questions(CALENDAR, CONFIGURATION) if "imprimante" in one.question]
    for place in ("bibliothèque", "mairie", "France services", "Nous contacter"):
        assert place in answer


def test_the_help_promises_no_copy_of_the_messages() -> None:
    (answer,) = [
        one.answer for one in questions(CALENDAR, CONFIGURATION) if "lire les messages" in one.question
    ]
    assert "Nous ne gardons pas leur texte" in answer
    assert "garde les messages" not in answer
