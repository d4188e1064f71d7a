"""The M-Bus application layer (EN 13757-3 and -7): headers, records, security."""
