"""Builds the list of communes that `registration` searches, from `@etalab/decoupage-administratif` (MIT).

`ensure` does nothing where the list stands and was made from the locked version: `make setup`, the local
stack's start and the tests call it. The list is not committed; a container's build calls it once.
"""

from deploy.communes.building import LIST, ensure

__all__ = ["LIST", "ensure"]
