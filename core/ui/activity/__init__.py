"""*Auswertung*: what waits, happens and is owed over all clients one sees, as figures that open the lists they count."""
