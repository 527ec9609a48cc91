"""Mail to contacts: which there is something new for, handing mails to the firm's server."""
