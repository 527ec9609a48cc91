"""What stands around every page: sidebar, search, style and scripts."""
