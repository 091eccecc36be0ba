"""The parts that are not ours: one module each, how to start it and how to see that it is ready."""
