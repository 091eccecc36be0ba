"""Of the erased nothing is left: their marks are searched in every store of a whole running house."""
