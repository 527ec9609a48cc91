"""The record of changes as a hash chain: how it is linked, verified, and marked beside the database. Knows no transaction."""
