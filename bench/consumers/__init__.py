"""How fast facts are taken in: new ones, and those that an inbox knows (after a refill)."""
