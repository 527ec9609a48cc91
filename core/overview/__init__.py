"""The Overview of an account: thirteen widgets, their stored cards, full lists and the work of staff."""
