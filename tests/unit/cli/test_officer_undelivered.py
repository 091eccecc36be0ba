"""What did not reach a candidate, as an officer is shown it: the two instants and the code, for each mail."""

from typing import Any

import pytest

from deploy.cli.officer_mails import show_undelivered
from services.notifications.returns import meaning_of

MAIL = "0190f3a2-7c1e-7abc-8def-0123456789ab"
ACCEPTED, RETURNED = "2020-12-01T08:00:00Z", "2020-12-01T08:00:07.5Z"


def mail(**changes: Any) -> dict[str, Any]:
    code = changes.get("returned_code")
    return {
        "id": MAIL,
        "subject": "Il manque des pièces [rappel]",
        "state": "sent",
        "accepted_at": ACCEPTED,
        "ended_at": ACCEPTED,
        "last_status": 250,
        "last_error": None,
        "returned_at": None,
        "returned_code": None,
        "returned_meaning": meaning_of(code),
    } | changes


def said(capsys: pytest.CaptureFixture[str], *mails: dict[str, Any], reachable: bool = True) -> str:
    show_undelivered({"reachable": reachable, "messages": list(mails)})
    return capsys.readouterr().err


def test_a_returned_mail_is_shown_with_both_instants_in_paris_and_what_its_code_means(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = said(capsys, mail(state="bounced", returned_at=RETURNED, returned_code="5.1.1"))
    assert "« Il manque des pièces [rappel] »" in line
    assert "pris par le serveur de messagerie le 01/12/2020 à 09:00:00" in line
    assert "revenu le 01/12/2020 à 09:00:07" in line
    assert "(code 5.1.1 : l’adresse n’existe pas)" in line


def test_a_delay_is_not_called_a_return(capsys: pytest.CaptureFixture[str]) -> None:
    line = said(capsys, mail(returned_at=RETURNED, returned_code="4.4.7"))
    assert "retardé" in line
    assert "revenu" not in line


def test_a_mail_refused_at_once_is_shown_with_its_instant_and_the_servers_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = said(capsys, mail(state="failed", accepted_at=None, last_status=550, last_error="5.1.1"))
    assert "refusé le 01/12/2020 à 09:00:00 (code 550 5.1.1)" in line


def test_whoever_sees_a_refused_mail_is_told_how_to_have_it_tried_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = said(capsys, mail(state="failed", accepted_at=None, last_status=550))
    assert f"« officer retry-mail » avec {MAIL}" in line


def test_who_could_not_be_warned_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Aucun rappel" in said(capsys, reachable=False)


def test_nothing_is_said_of_mails_that_arrived(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, mail(), mail(state="queued", accepted_at=None, ended_at=None)) == ""


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("5.1.1", "l’adresse n’existe pas"),
        ("5.1.10", "l’adresse n’est pas bonne"),
        ("4.2.2", "la boîte aux lettres est pleine"),
        ("5.7.26", "refusé par une règle du destinataire, peut-être contre notre service"),
        ("5.0.0", "sans autre précision"),
        (None, None),
    ],
)
def test_a_code_is_put_into_words_by_its_subject_where_its_detail_has_none(
    code: str | None, meaning: str | None
) -> None:
    assert meaning_of(code) == meaning
