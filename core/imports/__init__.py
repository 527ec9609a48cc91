"""Bringing a firm's own data in: a mapping in TOML, staging, one takeover; see docs/import.md."""
