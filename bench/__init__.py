"""Measurements: each path beside its limit, both taken in the same run."""
