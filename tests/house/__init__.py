"""Checks of the house: what the repository promises about its own shape. Each comes with a sample that it refuses."""
