"""Random walks: an example of a result, as small as one can be that has everything."""
