"""What is run: ensembles of particles, each a task that the farm can deal out."""
