"""Whether a fix did what it was for."""
