"""``python -m core``: the command line."""

from core.operations.cli import main

main()
