"""What knows no other room: settings, errors, rights, rules of fields, text, log, metrics."""
