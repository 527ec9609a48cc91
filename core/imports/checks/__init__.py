"""What the rows of an import are checked for once their references are known."""
