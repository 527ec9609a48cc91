"""Running an installation: the command line, the server's background work, backups, examining and tidying."""
