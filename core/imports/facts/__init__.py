"""Find out what a foreign file is: its kind, encoding and delimiter, where its head stands, how it writes numbers and days.

Own rules, held against files as firms hand them in (``tests/test_file_facts.py``). What is not certain is said to be guessed.
"""

from core.imports.facts.find import FileFacts, as_facts, find_facts

__all__ = ["FileFacts", "as_facts", "find_facts"]
