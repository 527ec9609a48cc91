"""Files of clients: documents and photos, how they are stored and checked, and lists to take out."""
