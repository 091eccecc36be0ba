"""Which texts of a service's templates have no English yet; a test asks."""

from pathlib import Path

from jinja2 import Environment

from services.chassis.site.language import Catalogue, key


def without_english(env: Environment, templates: Path, catalogue: Catalogue) -> list[str]:
    """`file:line: text` for every text of `{% trans %}` and `_(…)` that the catalogue lacks."""
    return [
        f"{file.name}:{line}: {key(text)}"
        for file in sorted(templates.rglob("*.html"))
        for line, _, message in env.extract_translations(file.read_text())  # type: ignore[attr-defined]
        for text in (message if isinstance(message, tuple) else (message,))
        if isinstance(text, str) and text not in catalogue
    ]
