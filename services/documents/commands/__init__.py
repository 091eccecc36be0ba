"""Use cases: each owns one transaction, state change and outbox rows together."""
