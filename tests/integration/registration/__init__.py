"""`registration` on a real database."""
