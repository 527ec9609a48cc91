"""*Protokoll*: the record of changes."""
