"""Clients: accounts with their contacts and addresses, custom fields, tags, saved views of the list, and the search."""
