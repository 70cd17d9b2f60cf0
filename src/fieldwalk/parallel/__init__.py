"""Distribution of tasks over MPI ranks, independent of what the tasks compute."""
