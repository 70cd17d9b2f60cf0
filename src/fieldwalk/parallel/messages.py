"""What the ranks of a farm say to each other, and how often they listen."""

POLL_SECONDS = 1e-3
"""How often a rank that has no work of its own looks for messages."""

UNDERWAY_SECONDS = 5.0
"""How often a rank says how far its task has come."""

TO_LEADER, ANSWER, LAST_WORD = 1, 2, 3
"""Tags: messages to rank 0 as (rank, kind, content), answers to those who ask for a task, and once to each rank the
last word: why to stop, or None when everything is done.
"""

ASK, UNDERWAY, RESULT, FAILURE, STOPPING, BYE = "ask", "underway", "result", "failure", "stopping", "bye"
"""Kinds of messages to rank 0."""
