"""Messages between the ranks of a farm, and how often the ranks look for them."""

POLL_SECONDS = 1e-3
"""Seconds between two looks for messages by a rank without work."""

UNDERWAY_SECONDS = 5.0
"""Seconds between two reports of a rank on the progress of its task."""

TO_LEADER, ANSWER, LAST_WORD = 1, 2, 3
"""Tags: messages to rank 0 as (rank, kind, content); answers to ranks that ask for a task; and, once for each rank, the
last word, which is the reason to stop or None when everything is done.
"""

ASK, UNDERWAY, RESULT, FAILURE, STOPPING, BYE = "ask", "underway", "result", "failure", "stopping", "bye"
"""Kinds of messages to rank 0."""
