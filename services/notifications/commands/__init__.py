"""Use cases: queue a mail once, and say what became of it. The candidate's row is locked first in each."""
