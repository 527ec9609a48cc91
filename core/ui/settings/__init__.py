"""*Einstellungen*: what the firm decides for itself."""
