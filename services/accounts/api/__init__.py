"""JSON over HTTP: for candidate front ends, officers' tools, and sister services (`/internal`)."""
