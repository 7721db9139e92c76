"""Which release did it."""
