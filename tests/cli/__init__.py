"""The commands, called in this process as from a shell."""
