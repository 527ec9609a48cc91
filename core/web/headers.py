"""Headers of our own routes."""

# For answers about one person: no browser and no proxy stores them.
PRIVATE = {"Cache-Control": "private, no-store"}
