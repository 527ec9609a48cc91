"""People who work here and clients' contacts: members, invitations, passwords, second factors, sign-ins, sessions."""
