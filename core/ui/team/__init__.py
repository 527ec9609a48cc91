"""*Team*: members, their rights and assignments."""
