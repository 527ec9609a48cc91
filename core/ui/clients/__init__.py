"""*Kunden* and *Zugriffe*: the lists over all clients."""
