"""Kundenblick. Where things are, from top to bottom; imports run downwards only.

- ``ui/`` how it is drawn (with ``pages/``, the only places that import streamlit)
- ``web/`` the shell around Streamlit: guard, sessions, routes
- ``widgets/`` the thirteen blocks of the Overview: declaration, SQL, reading
- ``accounts``, ``search``, ``documents``, … one module per domain: verbs that write, reads from ``sql/``
- ``backup/`` the whole installation as one file: made, verified, kept by a schedule, put back
- ``recent`` which clients a person opened last; what an open page hangs on stands in ``web/watching``
- ``access`` who may open what, and the decorator of every write verb
- ``store/`` the only floor that knows a database
- ``i18n/``, ``fold``, ``rights``, ``config``, ``errors`` known by all
"""
