"""Forms as dialogs over a page."""
