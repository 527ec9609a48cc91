"""Backups: one archive each, with the database at one moment and every file it names.

- ``make`` writes one, ``archive`` is its format, ``encryption`` its encryption and key
- ``verify`` unpacks one and compares, ``restore`` replaces the data by one
- ``retention`` lists, notes what is verified and prunes, ``schedule`` does all that at night
- ``temp_folder`` and ``folder_errors`` serve the others
"""
