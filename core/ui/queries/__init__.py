"""*Abfragen*: people's own queries over what they may see."""
