"""Measurements: whole paths as percentiles, parts as ratios inside one run."""
