"""One module per rule, run as ``python -m fieldwalk.stages.<stage>``: parse the command line, call, write.

Linear algebra runs in one thread, which must be said before NumPy is loaded. Threads cut sums into as many parts as
there are, and a dataset must have the same bits whether Snakemake, which sets their number, makes it or a user by hand.
"""

import os

ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

os.environ |= dict.fromkeys(ONE_THREAD, "1")
