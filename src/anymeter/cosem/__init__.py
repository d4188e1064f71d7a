"""COSEM: data types, units, columns."""
