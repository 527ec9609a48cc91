"""Backups: one archive a backup, with the database as it was at one moment and every file it names; made, examined, kept, put back.

- ``seal`` encryption of a stream, and the key
- ``archive`` what an archive looks like from the outside and inside
- ``make`` a backup of the open store · ``check`` what a backup holds, compared with what it says · ``put_back`` a restore
- ``keep`` which there are, which of them is verified, which go · ``nightly`` the schedule
"""
