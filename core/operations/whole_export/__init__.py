"""Take everything out of an installation, in files that bring it back into an empty one."""
