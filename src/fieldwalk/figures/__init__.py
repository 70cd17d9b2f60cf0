"""The common part of all figures: style, selection of data, and saving.

A figure is a pure function from a dataset to a matplotlib ``Figure``, one per module, in the package of its result.
Only :mod:`fieldwalk.figures.saving` writes files, and no function changes matplotlib's global state, so that all of
them can be called from a notebook, a stage or a test.
"""
