"""What phones, recorders and folders do to recordings: one module a group of kinds."""
