"""The commands, a file for each group; thin: they parse options, call, and print."""
