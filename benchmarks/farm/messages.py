"""What talking costs in the farm: asking for a task, and taking in a result. Two ranks, started by simulation.py.

    mpiexec -n 2 python benchmarks/farm/messages.py [--repeats 400]
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from mpi4py import MPI

from fieldwalk.io.shards import ShardWriter
from fieldwalk.particles.task import MOMENTS

SIZES = ((60, 16), (100, 16), (130, 16), (100, 256), (100, 1024))
"""Grid times and particles of the results."""

TO_LEADER, TO_WORKER = 1, 2

Arrays = dict[str, np.ndarray]


def result(times: int, particles: int) -> Arrays:
    """Arrays of the kind and size that a task returns."""
    numbers = np.random.default_rng(1)
    arrays = {name: numbers.random(times) for name in MOMENTS}
    arrays |= {name: np.array(0.0) for name in ("particles", "failed", "not_finite")}
    return arrays | {name: numbers.random((3, particles)) for name in ("final_position", "final_velocity")}


def lead(comm: MPI.Comm, repeats: int) -> dict[str, object]:
    """Rank 0: processor time of what it does for each message, so that waiting for a busy core does not count."""
    asks = []
    for _ in range(repeats):
        while (message := comm.improbe(tag=TO_LEADER)) is None:
            pass
        begin = time.process_time()
        message.recv()
        comm.send(7, dest=1, tag=TO_WORKER)
        asks.append(time.process_time() - begin)
    sizes = []
    for times, particles in SIZES:
        writer = ShardWriter(Path("messages.h5"), {"point/0-400_0-16_0-1000": repeats})
        received, written = [], []
        for _ in range(repeats):
            while (message := comm.improbe(tag=TO_LEADER)) is None:
                pass
            begin = time.process_time()
            _, _, (row, arrays) = message.recv()
            middle = time.process_time()
            writer.write("point/0-400_0-16_0-1000", row, arrays)
            received.append(middle - begin)
            written.append(time.process_time() - middle)
            comm.send(None, dest=1, tag=TO_WORKER)
        writer.close()
        sizes.append({"times": times, "particles": particles, "receive": median(received), "write": median(written)})
    return {"serve_ask": median(asks), "results": sizes}


def work(comm: MPI.Comm, repeats: int) -> dict[str, object]:
    """Rank 1: time the way there and back, and the packing of results."""
    trips = []
    for _ in range(repeats):
        begin = time.perf_counter()
        comm.send((1, "ask", None), dest=0, tag=TO_LEADER)
        comm.recv(source=0, tag=TO_WORKER)
        trips.append(time.perf_counter() - begin)
    packed = []
    for times, particles in SIZES:
        arrays = result(times, particles)
        seconds = []
        for row in range(repeats):
            begin = time.process_time()
            sending = comm.isend((1, "result", (row, arrays)), dest=0, tag=TO_LEADER)
            seconds.append(time.process_time() - begin)
            sending.wait()
            comm.recv(source=0, tag=TO_WORKER)
        packed.append(median(seconds))
    return {"round_trip": median(trips), "pack": packed}


def median(values: list[float]) -> float:
    return float(np.median(values))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What messages cost in the farm.")
    parser.add_argument("--repeats", type=int, default=400, help="messages of each kind")
    arguments = parser.parse_args()
    world = MPI.COMM_WORLD
    found = (work if world.rank else lead)(world, arguments.repeats)
    both = world.gather(found)
    if both:
        print(json.dumps({**both[0], **both[1]}))
