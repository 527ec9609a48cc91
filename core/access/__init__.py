"""Who may do what: opening an account, write verbs, what an address may, one-time links, why somebody sees a client."""
