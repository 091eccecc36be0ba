import unicodedata

import pytest

from services.accounts.domain.common_passwords import COMMON
from services.accounts.domain.errors import WeakPassword
from services.accounts.domain.passwords import SHORTEST, check, normalised

ADDRESS = "camille.durand@exemple.fr"
LONG = "Wb7kz-fenouil,"


@pytest.mark.parametrize(
    "password", ["agrafe lune tr", "xK3$vbn qp9zz", "éàüçœ élan mûr", LONG * 9, "bq7" + "x1y2z3w4v"]
)
def test_length_is_enough_without_kinds_of_characters(password: str) -> None:
    check(password, ADDRESS)


def test_both_sides_of_the_length_limits() -> None:
    text = "qsz jkw bnv tre" * 20
    check(text[:12], ADDRESS)
    check(text[:128], ADDRESS)
    for wrong in (text[:11], text[:129]):
        with pytest.raises(WeakPassword):
            check(wrong, ADDRESS)


@pytest.mark.parametrize(
    "password",
    [
        "motdepasse2021",
        "MotDePasse2021",
        "aaaaaaaaaaaaaaaa",
        "abababababab",
        "azertyuiopqs",
        "98765432109876",
        "abcdefghijklmnop",
        ADDRESS,
        "camille.durand",
        "xx-camille.durand-1",
    ],
)
def test_a_password_that_anybody_tries_first_is_refused_in_french(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check(password, ADDRESS)
    assert "mot de passe" in refused.value.reason


def test_the_list_holds_only_what_the_length_lets_through() -> None:
    assert len(COMMON) > 200
    assert all(len(word) >= SHORTEST and word == word.casefold() for word in COMMON)


def test_the_same_password_from_another_keyboard_is_the_same() -> None:
    composed = "été à la mer bleue"
    assert normalised(unicodedata.normalize("NFD", composed)) == normalised(composed)
