"""Colours by role, for a light and a dark page: Okabe and Ito's set, safe for colour-blind readers."""

from typing import Literal

Theme = Literal["light", "dark"]

PALETTE: dict[Theme, dict[str, str]] = {
    "light": {
        "surface": "#FFFFFF",
        "ink": "#17202B",
        "muted": "#5B6B7C",
        "grid": "#E3E8EE",
        "a": "#0072B2",
        "b": "#D55E00",
        "valley": "#009E73",
        "run0": "#0072B2",
        "run1": "#D55E00",
        "run2": "#008A64",
        "run3": "#B4568F",
        "run4": "#A87600",
        "run5": "#3B8DBF",
        "run6": "#17202B",
        "run7": "#8A4B08",
    },
    "dark": {
        "surface": "#11161C",
        "ink": "#E8EDF2",
        "muted": "#9AA9B8",
        "grid": "#26303B",
        "a": "#56B4E9",
        "b": "#E69F00",
        "valley": "#19B88C",
        "run0": "#56B4E9",
        "run1": "#E69F00",
        "run2": "#19B88C",
        "run3": "#CC79A7",
        "run4": "#F0E442",
        "run5": "#4E86D8",
        "run6": "#E8EDF2",
        "run7": "#E5733A",
    },
}
"""Role to colour. Twins have a hue each, splits have a tone and a dash each, so that no two meanings share a colour."""

RUN_COLOURS = 8
"""How many runs one chart can tell apart."""

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "x", "star", "triangle-down")
"""The second mark of a run beside its colour, in the order of `run0` to `run7`."""


def resolve(token: str, theme: Theme) -> str:
    """The colour that `$role`, `$role/opacity` or `$mix/share` stands for, as #rrggbb or rgba(r,g,b,opacity).

    Raises:
        KeyError: a role that the palette does not have.
    """
    role, _, number = token.removeprefix("$").partition("/")
    if role == "mix":
        return _hex([round(a + (b - a) * float(number)) for a, b in zip(_rgb("a", theme), _rgb("b", theme), strict=True)])
    return f"rgba({','.join(map(str, _rgb(role, theme)))},{number})" if number else PALETTE[theme][role]


def mixed(share: float) -> str:
    """The token of a point on the way from twin A (0) to twin B (1), for the markers on an interpolation curve."""
    return f"$mix/{share:.3f}"


def _rgb(role: str, theme: Theme) -> list[int]:
    return [int(PALETTE[theme][role][start : start + 2], 16) for start in (1, 3, 5)]


def _hex(channels: list[int]) -> str:
    return "#" + "".join(f"{channel:02X}" for channel in channels)
