"""Meters as a product: worlds of them, each with its identity, its clock, its consumption and its faults."""
