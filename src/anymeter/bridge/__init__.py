"""Crossing between worlds: M-Bus records, data sets and push lists become readings named by OBIS."""
