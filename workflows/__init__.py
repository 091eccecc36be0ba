"""Durable clocks: each candidate's life, the closing of a session, and the bridge that wakes them.

A workflow keeps time and nothing else. It asks the owners what is next, sleeps by their answer and asks them
to decide; it reaches no database and imports no service (`docs/decisions/0001-walking-skeleton.md`).
"""
