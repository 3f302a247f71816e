"""What to do about parcels that are late or about to be: calls, messages, remedies, appeals. Pure."""
