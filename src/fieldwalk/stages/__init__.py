"""One module per rule, run as ``python -m fieldwalk.stages.<stage>``: parse the command line, call, write."""
