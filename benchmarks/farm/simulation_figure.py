"""The figure of the farm simulation."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fieldwalk.campaign.price.job_price import TAIL
from fieldwalk.figures import style

COLOURS = {2: "#999999", 32: "#56B4E9", 512: "#0072B2", 2048: "#D55E00"}
"""By number of ranks."""

BY_TASKS = {8: "#999999", 20: "#56B4E9", 200: "#009E73", 1000: "#E69F00"}
"""By number of tasks per rank."""

GOAL = 0.95


def farm_simulation(data: dict[str, Any]) -> Figure:
    """Busy share against ranks and against tasks per rank, and what keeps 512 ranks idle.

    Parameters
    ----------
    data : dict
        As simulation.py writes it.
    """
    with style.applied():
        figure = style.figure(style.PAGE_WIDTH_IN, 2.7)
        left, middle, right = figure.subplots(1, 3)
        _busy(left, data["by_ranks"], "ranks", "tasks_per_rank", BY_TASKS, "{:,} tasks per rank")
        _busy(middle, data["by_tasks"], "tasks_per_rank", "ranks", COLOURS, "{:,} ranks")
        _idle(right, data)
        left.set_xlabel("ranks")
        left.set_ylabel("share of all ranks' time in tasks")
        for axes in (middle, right):
            axes.set_xlabel(f"tasks per rank in {data['job_minutes']} minutes")
        return style.finish(figure)


def draw(data: dict[str, Any], path: Path) -> None:
    """Write the figure as PNG; the same data give the same file."""
    figure = farm_simulation(data)
    with style.applied():
        figure.savefig(path, metadata={"Software": None})


def _busy(
    axes: Axes, rows: list[dict[str, Any]], along: str, label: str, colours: dict[int, str], words: str
) -> None:
    for value, colour in colours.items():
        chosen = [row for row in rows if row[label] == value]
        places, busy = [row[along] for row in chosen], [row["busy"] for row in chosen]
        axes.plot(places, busy, color=colour, marker="o", markersize=2.5, label=words.format(value))
    axes.axhline(GOAL, color=style.GUIDE_COLOUR, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xscale("log")
    axes.set_ylim(0.5, 1.01)
    axes.legend(loc="lower left", fontsize="small")


def _idle(axes: Axes, data: dict[str, Any]) -> None:
    number = data["tail_only"]
    places = [row["tasks_per_rank"] for row in number]
    rows = [row for row in data["by_tasks"] if row["ranks"] == 512]
    idle = [1 - row["busy"] for row in rows]
    axes.plot(places, idle, color=COLOURS[512], marker="o", markersize=2.5, label="idle, 512 ranks")
    axes.plot(
        places, [1 - row["busy"] for row in number], color="#E69F00", label="the same, talking for nothing"
    )
    tail = [TAIL / place for place in places]
    axes.plot(places, tail, color="black", linewidth=0.8, linestyle=":", label=f"{TAIL:g} of a task")
    axes.plot(
        places,
        [row["serving"] for row in rows],
        color="#009E73",
        linestyle=(0, (4, 2)),
        label="rank 0 taking in results",
    )
    axes.axhline(1 - GOAL, color=style.GUIDE_COLOUR, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_ylim(1e-5, 2)
    axes.legend(loc="lower left", fontsize="small")
