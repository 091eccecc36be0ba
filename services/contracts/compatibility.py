"""Which change of an event's JSON schema its readers can bear.

Records are kept for ever and read again, so what was written under the old schema must be readable under the
new one, and no field that somebody reads may vanish:

    refused   a field or a type of it gone or changed, a field newly required, a value of an enumeration gone,
              a bound tightened, a default changed (it would change the meaning of records that left it out)
    borne     an optional field more, an enumeration widened, a bound relaxed, a required field made optional

What is borne is borne by new readers only, so readers are deployed before writers. What is refused is an
event of the next version, beside the old one.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_WORDS = frozenset({"title", "description", "examples"})
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_MUST_STAY = ("type", "format", "pattern", "multipleOf", "uniqueItems")
_ABSENT = object()


def schema_of(model: type[BaseModel]) -> Schema:
    """The schema without its prose, references resolved: only what decides whether a record is valid."""
    raw = model.model_json_schema()
    found: Schema = _bare(raw, raw.get("$defs", {}))
    return found


def _bare(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_bare(one, definitions) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _bare(definitions[node["$ref"].rpartition("/")[2]], definitions)
    found = {}
    for key, value in node.items():
        if key == "properties":
            found[key] = {name: _bare(one, definitions) for name, one in value.items()}
        elif key != "$defs" and key not in _WORDS:
            found[key] = _bare(value, definitions)
    return found


def incompatibilities(old: Schema, new: Schema) -> list[str]:
    """Each refused change as `where: what`; empty when all readers can bear the change."""
    return list(_compare("event", old, new))


def _compare(where: str, old: Schema, new: Schema) -> Iterator[str]:
    if "anyOf" in old or "anyOf" in new:
        yield from _compare_alternatives(where, old, new)
        return
    for key in _MUST_STAY:
        if old.get(key) != new.get(key):
            yield f"{where}: {key} {old.get(key)} became {new.get(key)}"
    if lost := _lost_values(old, new):
        yield f"{where}: no longer takes {', '.join(sorted(lost))}"
    yield from _tightened(where, old, new)
    yield from _compare_fields(where, old, new)
    if "items" in old or "items" in new:
        yield from _compare(f"{where}[]", old.get("items", {}), new.get("items", {}))
    if old.get("prefixItems") != new.get("prefixItems"):
        yield f"{where}: its places changed"


def _compare_alternatives(where: str, old: Schema, new: Schema) -> Iterator[str]:
    """Each alternative of before must still be taken by one of now."""
    choices = new.get("anyOf", [new])
    for alternative in old.get("anyOf", [old]):
        if all(any(_compare(where, alternative, choice)) for choice in choices):
            yield f"{where}: no longer takes {alternative.get('type', 'an alternative')} as before"


def _compare_fields(where: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, node in before.items():
        if name not in after:
            yield f"{where}.{name}: removed"
            continue
        yield from _compare(f"{where}.{name}", node, after[name])
        default, changed = node.get("default", _ABSENT), after[name].get("default", _ABSENT)
        if default is not _ABSENT and changed is not _ABSENT and default != changed:
            yield f"{where}.{name}: its default changed"
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"{where}.{name}: newly required"
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{where}: no longer takes unknown fields"


def _lost_values(old: Schema, new: Schema) -> set[str]:
    before, after = _values(old), _values(new)
    if after is None:
        return set()
    return {"other values"} if before is None else before - after


def _values(node: Schema) -> set[str] | None:
    if "const" in node:
        return {str(node["const"])}
    return {str(value) for value in node["enum"]} if "enum" in node else None


def _tightened(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for key in _LOWER_BOUNDS:
        if key in new and (key not in old or new[key] > old[key]):
            yield f"{where}: {key} is now {new[key]}"
    for key in _UPPER_BOUNDS:
        if key in new and (key not in old or new[key] < old[key]):
            yield f"{where}: {key} is now {new[key]}"
