"""The states of a piece in the words that candidates read."""

from services.documents.queries import PieceState

STATES = {
    PieceState.EXPECTED: "attendue",
    PieceState.RECEIVED: "reçue",
    PieceState.TO_JUDGE: "vérification en cours",
    PieceState.ACCEPTED: "acceptée",
    PieceState.REFUSED: "refusée",
    PieceState.EXPIRED: "périmée",
    PieceState.LATE: "arrivée trop tard",
}
NOT_HANDED_IN = "non déposée"
"""Of a piece that nothing came for, once nothing may come: it is no longer expected."""


def state_words(state: PieceState, *, closed: bool) -> str:
    """`closed`: no file may be added any more."""
    return NOT_HANDED_IN if closed and state is PieceState.EXPECTED else STATES[state]
