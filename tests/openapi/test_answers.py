"""Whatever the documents allow, and much that they do not, is sent: no 5xx, and no undocumented answer."""

import asyncio
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from _pytest.mark.structures import ParameterSet
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deploy.openapi import TOGETHER, openapi_documents
from tests.e2e.house import House
from tests.openapi.conftest import People, log_in

DOCUMENT = openapi_documents()[TOGETHER]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 20
"""Of each operation: allowed by the documents, not allowed, and allowed about what there is."""
SEED = 20201207
LOGOUT = ("delete", "/api/accounts/sessions/current")
ERASURE = ("post", "/api/accounts/candidates/{candidate_id}/erasure")
"""Asked of strangers alone: the candidate of all other requests is needed."""
ENDING = ("delete", "/api/registration/me/withdrawal")
"""What takes away what others are about comes last."""
SHOWN = {
    "/api/registration/candidatures/{candidate_id}/": "/api/registration/candidatures/{candidate_id}",
    "/api/registration/sessions/{session_id}/": "/api/registration/sessions/{session_id}/deadline",
    "/api/documents/candidates/{candidate_id}/pieces/": "/api/documents/candidates/{candidate_id}",
    "/api/registration/me/form": "/api/registration/me/form",
    "/api/registration/me/draft": "/api/registration/me/draft",
}
"""Where the `ETag` is read that an act names by `If-Match`."""


def _named(security: bool | None = None) -> list[ParameterSet]:
    found = [
        (method, path)
        for path, item in DOCUMENT["paths"].items()
        for method, operation in item.items()
        if security is None or ("security" in operation) is security
    ]
    found.sort(key=lambda one: one[0] in ENDING or one[1] in ENDING)
    return [pytest.param(method, path, id=f"{method.upper()} {path}") for method, path in found]


@cache
def published() -> BaseSchema:
    return schemathesis.openapi.from_dict(DOCUMENT)


def send_examples(
    origin: str,
    method: str,
    path: str,
    headers: dict[str, str],
    places: dict[str, str],
    schema: BaseSchema,
) -> list[int]:
    """Send them, seeded; the statuses of the answers.

    Raises:
        schemathesis.checks.FailureGroup: an answer is a 5xx, or none of the documented.
    """
    operation = schema[path][method.upper()]
    modes = [schemathesis.GenerationMode.POSITIVE]
    if operation.path_parameters or operation.query or operation.headers or operation.body:
        modes.append(schemathesis.GenerationMode.NEGATIVE)
    statuses: list[int] = []
    with requests.Session() as session:

        def send(case: Any) -> None:
            answer = case.call(base_url=origin, headers=headers, session=session)
            statuses.append(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        for mode in modes:
            _each(operation.as_strategy(mode), send)

        there = {name: value for name, value in places.items() if f"{{{name}}}" in path}
        shown = next((at for prefix, at in SHOWN.items() if path.startswith(prefix)), None)
        if not there and shown is None:
            return statuses

        def send_there(case: Any) -> None:
            case.path_parameters |= there
            if shown is not None:
                present = session.get(origin + shown.format(**places), headers=headers)
                for name in ("If-Match", "If-None-Match"):
                    case.headers.pop(name, None)
                seen = present.headers.get("ETag")
                case.headers.update({"If-Match": seen} if seen else {"If-None-Match": "*"})
            send(case)

        _each(operation.as_strategy(), send_there)
    return statuses


def _each(cases: SearchStrategy[Any], send: Callable[[Any], None]) -> None:
    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def run(case: Any) -> None:
        send(case)

    run()


@pytest.mark.parametrize(("method", "path"), _named())
async def test_every_answer_is_one_that_the_documents_have(
    house: House, people: People, method: str, path: str
) -> None:
    token = people.tokens["candidate" if "/me" in path else "officer"]
    if (method, path) == LOGOUT:
        token = await log_in(house, people.candidate.email)
    headers = {"Authorization": f"Bearer {token}"}
    places = {} if (method, path) == ERASURE else people.places
    statuses = await asyncio.to_thread(
        send_examples, house.addresses.gateway, method, path, headers, places, published()
    )
    assert statuses
    assert 401 not in statuses or path.endswith("/sessions"), "the token was not taken"


@pytest.mark.parametrize(("method", "path"), _named(security=True))
async def test_without_a_login_the_answer_is_a_401(
    house: House, people: People, method: str, path: str
) -> None:
    address = house.addresses.gateway + path.format(**people.places, act="acceptance")
    answer = await asyncio.to_thread(requests.request, method, address, json={}, timeout=30)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


async def test_an_answer_that_the_documents_lack_would_be_seen(house: House, people: People) -> None:
    path = "/api/notifications/me/messages/{message_id}"
    lacking = deepcopy(DOCUMENT)
    del lacking["paths"][path]["get"]["responses"]["404"]
    schema = schemathesis.openapi.from_dict(lacking)
    headers = {"Authorization": f"Bearer {people.tokens['candidate']}"}
    with pytest.raises(FailureGroup, match="404"):
        await asyncio.to_thread(
            send_examples, house.addresses.gateway, "get", path, headers, people.places, schema
        )
