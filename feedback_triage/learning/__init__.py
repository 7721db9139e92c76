"""From gold items to a classifier. Imports torch: import it where something is trained."""
