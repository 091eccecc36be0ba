"""Reconciliation, replay and refill: durable, on a queue of their own (decision 0010)."""

QUEUE = "recovery"
