"""Mail that comes in: from files and mailboxes, only from and to addresses that are switched on."""
