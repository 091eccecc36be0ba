"""The OpenAPI document of a service: what every route may answer besides its own, said in one place.

A route says what its rules refuse (`responses=problems(409, 410)`). The rest follows from the document
itself: whoever must log in may meet a 401 and a 403, a body may be unreadable, too slow, too large or wrong,
a state named by `If-Match` may have changed. Every refusal is RFC 9457 `application/problem+json`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from fastapi import FastAPI

from services.chassis.problems import PROBLEM_JSON, Problem

Document = dict[str, Any]
_METHODS = ("get", "put", "post", "patch", "delete")
_CHANGING = ("put", "post", "patch", "delete")
_SCHEMA = "#/components/schemas/"
_PROBLEM: Document = {
    "title": "Problem",
    "description": "RFC 9457. `type` is stable and names the problem; `detail` is French and may be shown. "
    "Some problems have members of their own.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "examples": ["urn:candidat-libre:probleme:fenetre-fermee"],
        },
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "description": "Which rules are broken: JSON pointers into the request.",
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
_ALWAYS = (500, 503)
_ABOUT = (
    "Inscription des candidats individuels au baccalauréat professionnel: everything the site does, for "
    "other front ends. Words for people are French; instants are RFC 3339 in UTC, limits exclusive."
)


def problems(*statuses: int) -> dict[int | str, Document]:
    """For a route's or router's `responses`: what its rules may refuse."""
    return {status: _refusal(status) for status in statuses}


def a_file(*media_types: str) -> dict[int | str, Document]:
    """For the `responses` of a route that answers with bytes."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": dict.fromkeys(media_types, binary)}}


def publish(app: FastAPI) -> None:
    """Have the application's document say what the module promises."""
    plain = app.openapi

    def complete() -> Document:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(plain())
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def together(documents: Mapping[str, Document]) -> Document:
    """One document of all services. A schema of one name and two contents gets its service's name before."""
    taken: dict[str, tuple[str, Document]] = {}
    info = {"title": "candidat-libre", "description": _ABOUT, "version": ""}
    found: Document = {"openapi": "", "info": info, "paths": {}}
    components: Document = {"schemas": {}, "securitySchemes": {}}
    for service, original in sorted(documents.items()):
        document = _renamed(deepcopy(original), service, taken)
        found["openapi"] = document["openapi"]
        found["info"]["version"] = document["info"]["version"]
        found["paths"] |= document["paths"]
        for kind, named in document.get("components", {}).items():
            components.setdefault(kind, {}).update(named)
    return found | {"components": components}


def _refusal(status: int) -> Document:
    return {
        "description": _titles()[status],
        "content": {PROBLEM_JSON: {"schema": {"$ref": f"{_SCHEMA}Problem"}}},
    }


def _titles() -> dict[int, str]:
    kinds = [Problem]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {kind.status: kind.title for kind in reversed(kinds)}


def _completed(document: Document) -> Document:
    for path, method, operation in _operations(document):
        responses: Document = operation["responses"]
        for status in sorted(_may_answer(path, method, operation)):
            responses[str(status)] = _refusal(status)
        operation["responses"] = dict(sorted(responses.items()))
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    document["components"]["schemas"] = dict(sorted((schemas | {"Problem": _PROBLEM}).items()))
    return document


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def _may_answer(path: str, method: str, operation: Document) -> set[int]:
    found = set(_ALWAYS)
    headers = {one["name"].lower() for one in operation.get("parameters", ()) if one["in"] == "header"}
    if operation.get("security"):
        found |= {401, 403}
    if method in _CHANGING:
        found |= {403}  # another site made a browser send it
    if "requestBody" in operation:
        found |= {400, 408, 413, 422}
    if operation.get("parameters"):
        found |= {422}
    if "{" in path:
        found |= {404}
    if "if-match" in headers:
        found |= {400, 412, 428}
    return found


def _renamed(document: Document, service: str, taken: dict[str, tuple[str, Document]]) -> Document:
    """With the schemas that another service has differently under other names; `taken` is filled."""
    names: dict[str, str] = {}
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        owner, known = taken.setdefault(name, (service, schema))
        if owner != service and known != schema:
            names[name] = f"{service.capitalize()}{name}"
    return document if not names else _with_names(document, names)


def _with_names(document: Document, names: Mapping[str, str]) -> Document:
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {names.get(name, name): schema for name, schema in schemas.items()}
    references = {_SCHEMA + old: _SCHEMA + new for old, new in names.items()}

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                key: references.get(value, value) if key == "$ref" else walk(value)
                for key, value in node.items()
            }
        return [walk(one) for one in node] if isinstance(node, list) else node

    walked: Document = walk(document)
    return walked
