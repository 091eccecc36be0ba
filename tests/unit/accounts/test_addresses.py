import pytest

from services.accounts.addresses import parse
from services.accounts.domain.errors import BadAddress


@pytest.mark.parametrize(
    "text", ["a@exemple.fr", " a@exemple.fr ", "A@Exemple.FR", "prenom.nom+bac@sous.domaine.exemple.fr"]
)
def test_an_address_is_one_mailbox_whatever_its_case(text: str) -> None:
    address = parse(text)
    assert address.key == text.strip().lower()


def test_a_domain_with_accents_is_kept_as_mail_servers_take_it() -> None:
    assert parse("a@académie.fr") == parse(f"a@{'académie'.encode('idna').decode()}.fr")
    assert parse("a@académie.fr").email.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b.fr",
        "a b@c.fr",
        "a@b",
        "a@localhost",
        "é@b.fr",
        "a@b..fr",
        "a@b.fr\nBcc: c@d.fr",
        "a@[127.0.0.1]",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(text)
    assert str(refused.value) == ""
