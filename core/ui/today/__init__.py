"""*Heute*: what waits on the person, over all clients."""
