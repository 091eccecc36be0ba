"""The pure rules of `documents`: no I/O, no clock of its own."""
