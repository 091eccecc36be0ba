"""Text that can be kept. JSON may carry what UTF-8 (a lone surrogate) or PostgreSQL (NUL) cannot."""


def storable(text: str) -> str:
    """`text` itself, for pydantic's `AfterValidator`.

    Raises:
        ValueError: its message is for the reader.
    """
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("Ce texte contient un caractère qui ne peut pas être gardé.")
    return text
