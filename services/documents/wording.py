"""The states of a piece in the words that candidates read."""

from services.documents.queries import Piece, PieceState

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

LOST = "perdue, par notre faute"
"""Of a piece that was handed in and is missing since the store has lost it (ours 7)."""


def state_words(piece: Piece, *, closed: bool) -> str:
    """`closed`: no file may be added any more."""
    if piece.missing_by_loss:
        return LOST
    return NOT_HANDED_IN if closed and piece.state is PieceState.EXPECTED else STATES[piece.state]
