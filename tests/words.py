"""What a service's code refuses in words of its own, found in the code: no list to forget one in."""

import ast
from collections.abc import Container, Iterator
from pathlib import Path

from services.chassis.problems import Problem

_FIGURE = "1"


def problems_made(folder: Path, but: Container[str] = ()) -> Iterator[str]:
    """The French detail of every `Problem` that the Python files of a folder make, each figure in it as 1.

    A detail that is handed on by a variable is its writer's.

    Args:
        but: slugs of what is left out.
    """
    kinds = set(_names(Problem))
    for file in sorted(folder.rglob("*.py")):
        module = ast.parse(file.read_text())
        texts = {
            target.id: text
            for node in module.body
            if isinstance(node, ast.Assign) and (text := _text(node.value, {})) is not None
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(module):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds):
                continue
            slug, detail = (_text(one, texts) for one in (*node.args, None, None)[:2])
            if detail is not None and slug not in but:
                yield detail


def _names(kind: type[Problem]) -> Iterator[str]:
    for one in kind.__subclasses__():
        yield one.__name__
        yield from _names(one)


def _text(node: ast.expr | None, texts: dict[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return texts.get(name)
        case ast.JoinedStr(values=parts):
            return "".join(_text(part, texts) or _FIGURE for part in parts)
        case _:
            return None
