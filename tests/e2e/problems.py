"""What every refusal must be (RFC 9457): a stable type, a French detail, and nothing of what was sent."""

import re

import httpx

_FRENCH = re.compile(r"\b(le|la|les|une?|du|des|ce|cette|vous|pour|est|sont|n’|d’|l’)(\b|$)", re.IGNORECASE)


def refused(response: httpx.Response, status: int, slug: str) -> dict[str, object]:
    """Assert that `response` is this problem; its members."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem: dict[str, object] = response.json()
    assert problem["type"] == f"urn:candidat-libre:probleme:{slug}"
    assert problem["status"] == status
    assert str(problem["title"])
    detail = str(problem["detail"])
    assert detail.endswith((".", "!", "?", "»"))
    assert _FRENCH.search(detail), f"not French: {detail}"
    return problem
