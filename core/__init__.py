"""Kundenblick: a room for each domain, on floors; imports run down, and ``lint-imports`` holds it (the contracts stand in pyproject.toml).

- ``ui/`` how it is drawn, a room for each page (with ``pages/`` and ``web/`` the only ones that know Streamlit)
- ``web/`` the shell around Streamlit: guard, sockets, routes
- ``operations/`` for whoever runs the server: commands, backups, doctor, what starts and stops with it
- ``imports/`` a firm's own data brought in · ``sample/`` the sample firm · ``audit/`` the record of changes as people read it ·
  ``activity/`` what waits on whom, over all clients; people's own queries
- ``identity/`` who works here and how people get in · ``clients/`` accounts, contacts, fields, search · ``documents/`` files and photos ·
  ``overview/`` the thirteen widgets
- ``access/`` who may: opening an account, write verbs · ``mail/`` what is sent
- ``store/`` the only floor that knows a database; ``store/audit`` the chain of the record
- ``i18n/`` words, numbers and dates · ``base/`` what knows no room: settings, errors, rights, rules of fields

A room's queries lie in its ``sql/``.
"""
