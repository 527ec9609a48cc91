"""Headers of our own routes."""

# For answers about one person: no browser and no proxy stores them.
PRIVATE = {"Cache-Control": "private, no-store"}
# For what is about nobody and has another address once it changes.
LASTING = {"Cache-Control": "public, max-age=604800, immutable"}
