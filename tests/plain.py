"""What a person reads, whatever keeps its lines together."""


def plain(text: str) -> str:
    """With ordinary spaces in place of no-break ones."""
    return text.replace("\N{NO-BREAK SPACE}", " ")
