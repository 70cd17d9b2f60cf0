"""Figures: one pure function from a dataset to a matplotlib ``Figure`` per module, one style for all of them.

Nothing here reads or writes files, save `fieldwalk.figures.saving`; nothing touches matplotlib's global
state, so the functions can be called from a notebook, a stage or a test alike.
"""
