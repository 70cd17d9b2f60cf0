"""Figures of this result, one function from dataset to figure in each module."""
