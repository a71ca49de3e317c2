"""A landscape drawn by a formula, in which a reader can move the ridge and the spawn point and see a barrier come and go."""

from dataclasses import dataclass

import numpy as np

from lmc_core.figures.chart import Chart, Key, Trace, axis, layout

START = (0.0, 1.35)
END_A = (-0.7, 0.0)
END_B_ACROSS = (0.7, 0.0)
END_B_BESIDE = (-0.68, -0.14)
RIDGE_WIDTH = 0.35
POINTS = 61

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


@dataclass(frozen=True)
class Walk:
    """The way of a twin through the landscape, from the initialisation to its end."""

    x: Array
    y: Array

    @property
    def end(self) -> tuple[float, float]:
        """Where training stopped."""
        return float(self.x[-1]), float(self.y[-1])


def error_at(x: Array, y: Array, ridge: float) -> Array:
    """The made-up error at a place; `ridge` is the height of the wall between the two valleys, 0 for a single wide one."""
    valley: Array = 0.05 + 0.85 * (1 - np.exp(-((x / 1.55) ** 4) - (y / 0.95) ** 2))
    wall: Array = ridge * np.exp(-((x / RIDGE_WIDTH) ** 2)) * np.exp(-((y / 0.8) ** 2))
    return np.minimum(valley + wall, 0.95)


def walks(ridge: float, spawn: float) -> tuple[Walk, Walk]:
    """The ways of twins A and B, which share the first part `spawn` (0 to 1) of A's.

    Twins that part once A has left the ridge end on the same side; without a ridge any two ends lie in the same valley.
    """
    time = np.linspace(0, 1, POINTS)
    a = _walk(time, END_A, wobble=1.0)
    parted = min(int(spawn * (POINTS - 1)), POINTS - 1)
    beside = ridge > 0 and a.x[parted] < -RIDGE_WIDTH / 2
    end = END_B_BESIDE if beside else END_B_ACROSS
    if parted == 0:
        return a, _walk(time, end, wobble=-1.0)
    rest = (time[parted:] - time[parted]) / max(1 - time[parted], 1e-9)
    bend = rest**2 * (3 - 2 * rest)
    own_x = a.x[parted] + (end[0] - a.x[parted]) * bend
    own_y = a.y[parted] + (end[1] - a.y[parted]) * bend + 0.03 * np.sin(11 * rest) * (1 - rest)
    return a, Walk(np.concatenate([a.x[:parted], own_x]), np.concatenate([a.y[:parted], own_y]))


def curve_between(a: Walk, b: Walk, ridge: float, alphas: int = 21) -> tuple[Array, Array]:
    """The alphas, and the error at each point of the straight line between the ends of two walks."""
    alpha = np.linspace(0, 1, alphas)
    (ax, ay), (bx, by) = a.end, b.end
    return alpha, error_at((1 - alpha) * ax + alpha * bx, (1 - alpha) * ay + alpha * by, ridge)


def landscape(ridge: float, spawn: float, height: int = 380) -> Chart:
    """The landscape from above, with the twins' ways and the straight line between their ends."""
    a, b = walks(ridge, spawn)
    side = np.linspace(-1.7, 1.7, 69)
    front = np.linspace(-0.9, 1.6, 51)
    heights = error_at(*np.meshgrid(side, front), ridge)
    ground: Trace = {
        "type": "contour",
        "x": side.round(3).tolist(),
        "y": front.round(3).tolist(),
        "z": heights.round(4).tolist(),
        "colorscale": [[0, "$valley/0.45"], [0.25, "$valley/0.18"], [1, "$muted/0.30"]],
        "contours": {"coloring": "heatmap", "start": 0.1, "end": 0.9, "size": 0.08},
        "line": {"color": "$muted/0.35", "width": 0.8},
        "showscale": False,
        "hoverinfo": "skip",
    }
    (ax, ay), (bx, by) = a.end, b.end
    line = _line([ax, bx], [ay, by], "line", "$ink", 2.4, "dash")
    start = {"marker": {"color": "$ink", "symbol": "star", "size": 14, "line": {"color": "$surface", "width": 1.5}}}
    ends = {"color": ["$a", "$b"], "symbol": ["circle", "diamond"], "size": 20, "line": {"color": "$surface", "width": 2}}
    marks: Trace = {"type": "scatter", "mode": "markers+text", "x": [ax, bx], "y": [ay, by], "text": ["A", "B"], "hoverinfo": "skip"}
    traces = [
        ground,
        _line(b.x.round(4).tolist(), b.y.round(4).tolist(), "b", "$b", 2.4, "solid"),
        _line(a.x.round(4).tolist(), a.y.round(4).tolist(), "a", "$a", 2.4, "dot" if spawn else "solid"),
        line,
        _line([START[0]], [START[1]], "start", "$ink", 0, "solid") | start | {"mode": "markers"},
        marks | {"marker": ends, "textfont": {"color": "$surface", "size": 12, "weight": 700}, "legendgroup": "ends"},
    ]
    blank = {"showticklabels": False, "ticks": "", "showgrid": False}
    words = "One wide valley" if ridge == 0 else "Two valleys with a ridge between them"
    return Chart(
        "landscape",
        "The landscape from above",
        f"{words}. From the initialisation at the top, two paths lead down to the twins A and B; a dashed line joins them.",
        traces,
        layout(axis("two of very many weights", range=[-1.7, 1.7], **blank), axis("", range=[-0.9, 1.6], **blank), hovermode=False),
        [
            Key("start", "Initialisation", "$ink", "solid", "star"),
            Key("a", "Training of A", "$a", "dot" if spawn else "solid", "circle"),
            Key("b", "Training of B", "$b", "solid", "diamond"),
            Key("line", "Straight line", "$ink", "dash", "none"),
        ],
        height=height,
    )


def _walk(time: Array, end: tuple[float, float], wobble: float) -> Walk:
    bend = time**2 * (3 - 2 * time)
    shake = 0.035 * np.sin(9 * time + wobble) * (1 - time) * np.minimum(1, 6 * time)
    return Walk(START[0] + (end[0] - START[0]) * bend + shake, START[1] + (end[1] - START[1]) * np.sqrt(bend) + wobble * shake / 2)


def _line(x: list[float], y: list[float], group: str, colour: str, width: float, dash: str) -> Trace:
    look = {"color": colour, "width": width, "dash": dash}
    return {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": look, "legendgroup": group, "name": group, "hoverinfo": "skip"}
