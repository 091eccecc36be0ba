"""Malformed, oversized, unknown and out-of-order requests at the gateway: a problem each, nothing moves."""

import hashlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pikepdf
import pytest

from deploy.demo import papers
from deploy.demo.visitor import File
from tests.e2e.conftest import Newcomer
from tests.e2e.house import House, until
from tests.e2e.people import PASSWORD, Person, file_for
from tests.e2e.problems import refused

FORM = "/api/registration/me/form"
JSON = {"Content-Type": "application/json"}
OVER_JSON_LIMIT = 256 * 1024 + 1
OVER_FILE_LIMIT = 10 * 1024 * 1024 + 1
FORGED = "k1.0190f3a2-7c1e-7abc-8def-0123456789ab.1." + "A" * 43


@pytest.fixture(scope="module")
async def settled(house: House, newcomer: Newcomer) -> Person:
    """Somebody with a saved form and one file, about whom nothing more happens by itself."""
    person = await newcomer("Sidonie")
    await person.register()
    (first, *_) = await person.pieces()
    await person.upload([first])

    async def mailed() -> bool:
        return {message["kind"] for message in await person.visitor.messages()} >= {"registration_saved"}

    await until(mailed, "the mail of the save is queued")

    async def heard() -> bool:
        query = "SELECT accounts_revision FROM candidature WHERE candidate_id = $1"
        told = await house.outbox("accounts", person.id)
        row = await house.row("registration", query, person.id)
        return bool(row["accounts_revision"] == told[-1]["event"]["revision"])

    await until(heard, "registration has heard of the account")
    return person


@pytest.fixture
async def stays(house: House, settled: Person) -> AsyncIterator[Person]:
    """`settled`, of whom nothing has changed when the test is over."""
    before = await _everything(house, settled)
    yield settled
    assert await _everything(house, settled) == before


async def _everything(house: House, person: Person) -> dict[str, Any]:
    mine = "WHERE candidate_id = $1"
    facts = "SELECT count(*) FROM outbox WHERE key = $1"
    return {
        "form": (await person.browser.get(FORM)).json(),
        "candidature": await house.row("registration", f"SELECT * FROM candidature {mine}", person.id),
        "versions": await house.row(
            "registration", f"SELECT count(*) FROM registration_version {mine}", person.id
        ),
        "files": await house.rows("documents", f"SELECT * FROM file {mine} ORDER BY file_id", person.id),
        "evidence": await house.row(
            "documents", f"SELECT missing_count, faults FROM candidate {mine}", person.id
        ),
        "told": [
            await house.row(service, facts, person.id)
            for service in ("accounts", "registration", "documents")
        ],
    }


async def _chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose length is not declared."""
    left = size
    while left > 0:
        yield b" " * min(left, 64 * 1024)
        left -= 64 * 1024


MALFORMED = {
    "cut": b'{"modalities": {',
    "not JSON": b"<form/>",
    "empty": b"",
    "nested without end": b"[" * 100_000,
    "a number without end": b'{"modalities": ' + b"9" * 10_000 + b"}",
    "not UTF-8": b'{"modalities": "\xff\xfe"}',
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
async def test_a_body_that_is_no_json_is_refused(stays: Person, body: bytes) -> None:
    answer = await stays.browser.put(FORM, content=body, headers=JSON | {"If-Match": '"1"'})
    assert answer.status_code in (400, 422)
    slugs = {400: answer.json()["type"].rsplit(":", 1)[1], 422: "donnees-invalides"}
    assert slugs[400] in ("json-illisible", "demande-illisible", "donnees-invalides")
    refused(answer, answer.status_code, slugs[answer.status_code])


@pytest.mark.parametrize("path", ["/api/accounts", "/api/accounts/sessions", "/api/accounts/activations"])
async def test_a_body_that_is_no_json_is_refused_by_accounts_too(
    anonymous: httpx.AsyncClient, path: str
) -> None:
    refused(await anonymous.post(path, content=b'{"email": ', headers=JSON), 400, "json-illisible")


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize(("method", "path"), [("PUT", FORM), ("POST", "/api/accounts")])
async def test_an_oversized_body_is_refused(stays: Person, declared: bool, method: str, path: str) -> None:
    body: Any = b" " * OVER_JSON_LIMIT if declared else _chunks(OVER_JSON_LIMIT)
    answer = await stays.browser.request(method, path, content=body, headers=JSON | {"If-Match": '"1"'})
    refused(answer, 413, "trop-volumineux")


async def test_an_unknown_field_is_refused_and_named(stays: Person) -> None:
    form = stays.form()
    form["identification"]["surname"] = "Durand"
    answer = await stays.browser.put(FORM, json=form, headers={"If-Match": '"1"'})
    problem = refused(answer, 422, "donnees-invalides")
    assert problem["errors"] == [{"pointer": "/identification/surname", "detail": "Ce champ n’existe pas."}]


async def test_an_unknown_field_of_an_account_is_refused(house: House, anonymous: httpx.AsyncClient) -> None:
    body = {"email": "intrus@courriel.example", "password": PASSWORD, "role": "officer"}
    refused(await anonymous.post("/api/accounts", json=body), 422, "donnees-invalides")
    assert await house.rows("accounts", "SELECT 1 FROM account WHERE email = $1", body["email"]) == []


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\u202e", "𝕏"], ids=ascii)
async def test_text_that_cannot_be_kept_or_printed_is_refused(stays: Person, text: str) -> None:
    form = stays.form()
    form["identification"]["birth_name"] = text
    answer = await stays.browser.put(
        FORM, content=json.dumps(form).encode(), headers=JSON | {"If-Match": '"1"'}
    )
    refused(answer, 422, "donnees-invalides")


@pytest.mark.parametrize(
    ("member", "text"), [("email", "a\x00b"), ("email", "\ud800"), ("password", "\ud800")], ids=ascii
)
async def test_credentials_that_cannot_be_kept_are_refused(
    anonymous: httpx.AsyncClient, member: str, text: str
) -> None:
    body = {"email": "nul@courriel.example", "password": PASSWORD} | {member: f"{text}@courriel.example"}
    for path, statuses in (("/api/accounts", {422}), ("/api/accounts/sessions", {401, 422})):
        answer = await anonymous.post(path, content=json.dumps(body).encode(), headers=JSON)
        assert answer.status_code in statuses, f"{path}: {answer.text}"
        refused(answer, answer.status_code, answer.json()["type"].rsplit(":", 1)[1])


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/api/registration/nowhere", "/api/documents/me/nowhere", "/api/accounts/x", "/compte/x"],
)
async def test_an_unknown_address_is_told(stays: Person, path: str) -> None:
    refused(await stays.browser.get(path), 404, "adresse-inconnue")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", FORM),
        ("PATCH", "/api/registration/me"),
        ("PUT", "/api/documents/me"),
        ("GET", "/api/accounts"),
        ("POST", "/api/notifications/me"),
    ],
)
async def test_a_wrong_method_is_refused_and_the_right_ones_told(
    stays: Person, method: str, path: str
) -> None:
    answer = await stays.browser.request(method, path)
    refused(answer, 405, "methode-non-permise")
    assert answer.headers["allow"]


async def test_saving_before_the_login_is_refused(stays: Person, anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.put(FORM, json=stays.form(), headers={"If-None-Match": "*"})
    refused(answer, 401, "connexion-necessaire")


async def test_uploading_before_the_login_is_refused(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/documents/me/pieces/identite/files", content=b"%PDF-")
    refused(answer, 401, "connexion-necessaire")


async def test_logging_in_before_the_activation_is_refused(house: House, newcomer: Newcomer) -> None:
    person = await newcomer("Nora")
    await person.visitor.create_account(PASSWORD)
    answer = await person.browser.post(
        "/api/accounts/sessions", json={"email": person.email, "password": PASSWORD}
    )
    refused(answer, 401, "identifiants-incorrects")
    assert "set-cookie" not in answer.headers


async def test_out_of_order_steps_are_refused_and_then_taken_in_order(newcomer: Newcomer) -> None:
    person = await newcomer("Olga")
    link = await person.open_account()
    token = link.partition("lien=")[2]
    body = {"token": token, "password": PASSWORD}
    activated = await person.browser.post("/api/accounts/activations", json=body)
    assert activated.status_code == 200
    again = await person.browser.post("/api/accounts/activations", json=body)
    refused(again, 409, "lien-deja-utilise")
    assert "session" not in person.browser.cookies

    await person.visitor.log_in(PASSWORD)
    early = await person.browser.post("/api/documents/me/pieces/identite/files", content=b"%PDF-")
    refused(early, 409, "inscription-non-enregistree")
    refused(await person.browser.get("/api/registration/me/confirmation.pdf"), 409, "rien-enregistre")
    refused(await person.browser.post("/api/registration/me/withdrawal"), 409, "rien-enregistre")
    refused(
        await person.browser.put(FORM, json=person.form(), headers={"If-Match": '"1"'}),
        412,
        "version-perimee",
    )

    saved = await person.browser.put(FORM, json=person.form(), headers={"If-None-Match": "*"})
    assert (saved.status_code, saved.json()["version"]) == (201, 1)


@pytest.mark.parametrize(
    ("headers", "status", "slug"),
    [
        ({}, 428, "version-attendue-manquante"),
        ({"If-Match": "1"}, 400, "version-attendue-illisible"),
        ({"If-Match": '"0"'}, 412, "version-perimee"),
        ({"If-Match": '"2"'}, 412, "version-perimee"),
        ({"If-None-Match": "*"}, 412, "version-perimee"),
        ({"If-None-Match": '"1"'}, 400, "version-attendue-illisible"),
    ],
    ids=str,
)
async def test_a_save_must_name_the_version_it_changes(
    stays: Person, headers: dict[str, str], status: int, slug: str
) -> None:
    form = stays.form()
    form["identification"]["phone"] = "06 39 98 00 00"
    refused(await stays.browser.put(FORM, json=form, headers=headers), status, slug)


async def test_a_forged_activation_activates_nobody(
    house: House, newcomer: Newcomer, anonymous: httpx.AsyncClient
) -> None:
    person = await newcomer("Paule")
    token = (await person.open_account()).partition("lien=")[2]
    signed = token.rpartition(".")[0]
    for forged in (FORGED, "x", f"{signed}.{'A' * 43}", token.replace(".1.", ".2."), f"{token}A"):
        body = {"token": forged, "password": PASSWORD}
        answer = await anonymous.post("/api/accounts/activations", json=body)
        refused(answer, 404, "lien-inconnu")
    state = await house.row("accounts", "SELECT state FROM account WHERE id = $1", person.id)
    assert state == {"state": "awaiting_activation"}


def _encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.several_pages("secret", 1))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


def _with_script() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(papers.several_pages("script", 1))) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        pdf.save(out)
    return out.getvalue()


BAD_FILES: dict[str, tuple[Callable[[], bytes], str, int, str]] = {
    "empty": (lambda: b"", "application/pdf", 422, "fichier-vide"),
    "text": (lambda: b"bonjour", "application/pdf", 415, "format-non-accepte"),
    "a page": (lambda: b"<html></html>", "text/html", 415, "format-non-accepte"),
    "JPEG called PDF": (lambda: papers.scan("x", 1), "application/pdf", 415, "format-different"),
    "PDF called JPEG": (lambda: papers.several_pages("x", 1), "image/jpeg", 415, "format-different"),
    "encrypted": (_encrypted, "application/pdf", 422, "pdf-chiffre"),
    "cut PDF": (lambda: papers.several_pages("x", 3)[:-200], "application/pdf", 422, "pdf-illisible"),
    "cut image": (lambda: papers.scan("x", 1)[:5000], "image/jpeg", 422, "image-illisible"),
    "with a script": (_with_script, "application/pdf", 422, "pdf-actif"),
    "over 10 MiB": (
        lambda: b"%PDF-1.7\n".ljust(OVER_FILE_LIMIT, b" "),
        "application/pdf",
        413,
        "fichier-trop-lourd",
    ),
}


@pytest.mark.parametrize(("make", "media_type", "status", "slug"), BAD_FILES.values(), ids=BAD_FILES)
async def test_a_file_that_is_not_what_it_must_be_is_refused_with_the_reason(
    stays: Person, make: Callable[[], bytes], media_type: str, status: int, slug: str
) -> None:
    piece = (await stays.pieces())[1]
    answer = await _upload(stays, piece, File("piece", media_type, make()))
    problem = refused(answer, status, slug)
    assert "est gardé" in str(problem["detail"])


async def test_a_file_of_undeclared_length_is_cut_at_10_mib(stays: Person) -> None:
    piece = (await stays.pieces())[1]
    answer = await stays.browser.post(
        f"/api/documents/me/pieces/{piece}/files",
        content=_chunks(OVER_FILE_LIMIT + 1024 * 1024),
        headers={"Content-Type": "application/pdf"},
    )
    refused(answer, 413, "fichier-trop-lourd")


async def test_a_form_without_its_file_is_refused(stays: Person) -> None:
    piece = (await stays.pieces())[1]
    path = f"/api/documents/me/pieces/{piece}/files"
    refused(await stays.browser.post(path, files={"other": b"x"}), 400, "fichier-absent")
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    refused(await stays.browser.post(path, content=b"nothing", headers=broken), 400, "fichier-absent")


async def test_a_piece_that_is_not_asked_for_takes_no_file(stays: Person) -> None:
    refused(await _upload(stays, "certificat-medical", file_for("x")), 404, "piece-non-demandee")


async def test_a_refused_file_leaves_the_piece_as_it_was(stays: Person) -> None:
    (first, *_) = await stays.pieces()
    before = await stays.visitor.documents()
    await _upload(stays, first, File("piece", "application/pdf", _encrypted()))
    assert await stays.visitor.documents() == before
    (piece,) = [piece for piece in before["pieces"] if piece["piece"] == first]
    (file,) = piece["files"]
    kept = await stays.browser.get(f"/api/documents/me/files/{file['file_id']}/content")
    assert hashlib.sha256(kept.content).hexdigest() == file["sha256"]


async def _upload(person: Person, piece: str, file: File) -> httpx.Response:
    upload: Awaitable[httpx.Response] = person.browser.post(
        f"/api/documents/me/pieces/{piece}/files",
        params={"name": file.name},
        content=file.content,
        headers={"Content-Type": file.media_type},
    )
    return await upload
