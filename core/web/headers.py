"""Headers several of our own routes answer with."""

# What stands in an answer is one person's: no browser and no proxy keeps it.
PRIVATE = {"Cache-Control": "private, no-store"}
