"""Starting a run: one at a time, as a child process that can be stopped as a whole."""
