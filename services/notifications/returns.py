"""Why a mail came back, as an officer reads it: the code of the report (RFC 3463) in French.

Only the code's subject and detail are read. Whoever got a mail can feign a report about it (decision 0008),
so an officer judges by the code and by the two instants, not by our word.
"""

_DETAILS = {
    "1.1": "l’adresse n’existe pas",
    "1.2": "le domaine de l’adresse n’existe pas",
    "2.1": "la boîte aux lettres est fermée",
    "2.2": "la boîte aux lettres est pleine",
    "2.3": "le message est trop long pour cette boîte",
    "4.7": "non remis après plusieurs jours d’essais",
}
_SUBJECTS = {
    "1": "l’adresse n’est pas bonne",
    "2": "la boîte aux lettres ne le prend pas",
    "3": "le serveur du destinataire ne le prend pas",
    "4": "le serveur du destinataire n’est pas joignable",
    "5": "les deux serveurs ne se sont pas compris",
    "6": "son contenu n’a pas été accepté",
    "7": "refusé par une règle du destinataire, peut-être contre notre service",
}
_UNSAID = "sans autre précision"


def meaning_of(code: str | None) -> str | None:
    """`5.1.1` in words; None for no report."""
    if code is None:
        return None
    subject, _, detail = code.partition(".")[2].partition(".")
    return _DETAILS.get(f"{subject}.{detail}") or _SUBJECTS.get(subject, _UNSAID)
