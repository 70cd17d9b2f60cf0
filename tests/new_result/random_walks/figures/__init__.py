"""Figures of random walks."""
