"""*Info*: a client's details, contacts and history; the portal of its contacts."""
