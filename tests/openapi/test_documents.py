"""What is published of the API is what runs, and is what the repository holds."""

import json
import re
from pathlib import Path

import pytest

from deploy.openapi import TOGETHER, openapi_documents, texts
from services.chassis.openapi import together
from services.chassis.problems import PROBLEM_JSON
from tests.e2e.house import House

FOLDER = Path(__file__).parents[2] / "docs" / "openapi"
DOCUMENTS = openapi_documents()
OPERATIONS = [
    (method, path, operation)
    for path, item in DOCUMENTS[TOGETHER]["paths"].items()
    for method, operation in item.items()
]


def test_the_documents_in_docs_are_of_this_code() -> None:
    kept = {file.name: file.read_text() for file in FOLDER.glob("*.json")}
    stale = [name for name, text in texts().items() if kept.get(name) != text]
    assert not stale, "run `make openapi`"


@pytest.mark.parametrize(
    ("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS]
)
def test_every_refusal_is_documented_as_a_problem(
    method: str, path: str, operation: dict[str, object]
) -> None:
    responses = operation["responses"]
    assert isinstance(responses, dict)
    refusals = {status: one for status, one in responses.items() if status >= "400"}
    assert {"500", "503"} <= refusals.keys()
    if "parameters" in operation or "requestBody" in operation:
        assert "422" in refusals
    if operation.get("security"):
        assert {"401", "403"} <= refusals.keys()
    assert all(list(one["content"]) == [PROBLEM_JSON] for one in refusals.values())


def test_every_reference_of_the_one_document_leads_somewhere() -> None:
    document = DOCUMENTS[TOGETHER]
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert named <= set(document["components"]["schemas"])


def test_two_services_may_use_one_name_for_two_shapes() -> None:
    def of(path: str, kind: str) -> dict[str, object]:
        shape = {"$ref": "#/components/schemas/View"}
        return {
            "openapi": "3.1.0",
            "info": {"version": "1"},
            "paths": {path: {"get": {"responses": {"200": shape}}}},
            "components": {"schemas": {"View": {"type": kind}, "Same": {"type": "null"}}},
        }

    found = together({"accounts": of("/a", "string"), "documents": of("/b", "integer")})
    assert found["components"]["schemas"] == {
        "View": {"type": "string"},
        "DocumentsView": {"type": "integer"},
        "Same": {"type": "null"},
    }
    assert found["paths"]["/b"]["get"]["responses"]["200"]["$ref"].endswith("/DocumentsView")


async def test_what_the_running_services_publish_is_that(house: House) -> None:
    async with house.browser() as client:
        for name, document in DOCUMENTS.items():
            path = "/api/openapi.json" if name == TOGETHER else f"/api/{name}/openapi.json"
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert answer.json() == document, path


async def test_no_internal_route_and_no_page_is_published() -> None:
    assert all(path.startswith("/api/") for path in DOCUMENTS[TOGETHER]["paths"])
