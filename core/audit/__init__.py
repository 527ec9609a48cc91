"""The record of changes for people: the log of everything, the history of one account, the examination of the chain."""
