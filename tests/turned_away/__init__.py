"""Whom the gateway turned away, on the whole running house: held, and nobody else."""
