"""Draw *Daten übernehmen*: its five steps, and the list of what was taken over."""
