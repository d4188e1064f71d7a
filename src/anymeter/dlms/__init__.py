"""The DLMS application layer: ACSE and xDLMS PDUs and their security."""
