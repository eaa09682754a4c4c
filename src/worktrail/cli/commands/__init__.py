"""The commands, one module a group; each function is one command."""
