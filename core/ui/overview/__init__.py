"""*Übersicht*: the widgets of a client, their full lists and dialogs."""
