"""The schemas as they were agreed, one file per event type in `schemas/`; a change of a model shows there."""

import json
from pathlib import Path

from services.contracts.compatibility import Schema, incompatibilities, schema_of
from services.contracts.events import CATALOGUE

FOLDER = Path(__file__).parent / "schemas"


def read(folder: Path = FOLDER) -> dict[str, Schema]:
    """Event type → its agreed schema."""
    return {file.name.removesuffix(".json"): json.loads(file.read_text()) for file in folder.glob("*.json")}


def current() -> dict[str, Schema]:
    """Event type → the schema of the model as it is."""
    return {name: schema_of(model) for name, model in CATALOGUE.items()}


def refused_changes(agreed: dict[str, Schema], now: dict[str, Schema]) -> list[str]:
    """What readers of the agreed events could not bear, as `type: where: what`."""
    found = [f"{name}: removed" for name in sorted(agreed.keys() - now.keys())]
    for name in sorted(agreed.keys() & now.keys()):
        found += [f"{name}: {change}" for change in incompatibilities(agreed[name], now[name])]
    return found


def stale(agreed: dict[str, Schema], now: dict[str, Schema]) -> list[str]:
    """The types whose file is missing, left over or not what the model says."""
    return sorted(name for name in agreed.keys() | now.keys() if agreed.get(name) != now.get(name))


def write(schemas: dict[str, Schema], folder: Path = FOLDER) -> None:
    """Make the folder hold exactly these."""
    folder.mkdir(exist_ok=True)
    for file in folder.glob("*.json"):
        if file.name.removesuffix(".json") not in schemas:
            file.unlink()
    for name, schema in schemas.items():
        text = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False)
        (folder / f"{name}.json").write_text(text + "\n")
