"""What crosses a boundary between services: events, topics, activities, internal HTTP shapes.

Imports pydantic and nothing of ours. A change here is a change for everybody, so the JSON schemas of the
events are kept as snapshots under `schemas/` and a test refuses an incompatible change.
"""
