"""Colours can be told apart by colour-blind readers, and from the page that they stand on."""

import itertools
import tomllib

import numpy as np
import pytest

from lmc_core.figures.palette import DASHES, PALETTE, RUN_COLOURS, SYMBOLS, Theme, mixed, resolve
from lmc_core.settings import REPOSITORY

CONFIG = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())

# Machado, Oliveira, Fernandes (2009), severity 1.0, on linear RGB.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
NOTICEABLE = 10
"""A difference in CIELAB that is seen at a glance; 2.3 is just noticeable."""


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, bright = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    x, y, z = (xyz @ np.clip(rgb, 0, 1)) / [0.95047, 1, 1.08883]
    f = [np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(SIGHTS[sight] @ linear(one)) - lab(SIGHTS[sight] @ linear(other))))


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_twins_are_told_apart_by_every_reader(theme: Theme, sight: str) -> None:
    assert difference(PALETTE[theme]["a"], PALETTE[theme]["b"], sight) > 5 * NOTICEABLE


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("sight", SIGHTS)
def test_test_and_train_are_told_apart_by_every_reader(theme: Theme, sight: str) -> None:
    assert difference(PALETTE[theme]["ink"], PALETTE[theme]["muted"], sight) > 2 * NOTICEABLE


@pytest.mark.parametrize("theme", PALETTE)
@pytest.mark.parametrize("sight", SIGHTS)
def test_runs_that_are_compared_differ_visibly_in_colour_or_in_dash_and_symbol(theme: Theme, sight: str) -> None:
    for one, other in itertools.combinations(range(RUN_COLOURS), 2):
        colours = difference(PALETTE[theme][f"run{one}"], PALETTE[theme][f"run{other}"], sight) > NOTICEABLE
        marks = (DASHES[one], SYMBOLS[one]) != (DASHES[other], SYMBOLS[other])
        assert colours or marks
        assert marks


@pytest.mark.parametrize("theme", PALETTE)
def test_every_line_stands_out_from_the_page_and_every_text_is_readable(theme: Theme) -> None:
    surface = PALETTE[theme]["surface"]
    lines = ["a", "b", "valley", *(f"run{place}" for place in range(RUN_COLOURS))]
    assert min(contrast(PALETTE[theme][role], surface) for role in lines) >= 3
    assert min(contrast(PALETTE[theme][role], surface) for role in ("ink", "muted")) >= 4.5


@pytest.mark.parametrize("theme", PALETTE)
def test_streamlits_theme_has_the_palettes_colours(theme: Theme) -> None:
    page, palette = CONFIG["theme"][theme], PALETTE[theme]
    assert page["backgroundColor"] == palette["surface"]
    assert page["textColor"] == palette["ink"]
    assert page["linkColor"] == palette["a"]
    assert page["chartCategoricalColors"] == [palette[f"run{place}"] for place in range(RUN_COLOURS)]
    assert contrast(page["textColor"], page["secondaryBackgroundColor"]) >= 7


@pytest.mark.parametrize(
    ("token", "colour"),
    [
        ("$a", "#0072B2"),
        ("$a/0.5", "rgba(0,114,178,0.5)"),
        (mixed(0.0), "#0072B2"),
        (mixed(1.0), "#D55E00"),
        (mixed(0.5), "#6A6859"),
    ],
)
def test_a_token_stands_for_a_colour(token: str, colour: str) -> None:
    assert resolve(token, "light") == colour


def test_a_role_that_the_palette_lacks_is_refused() -> None:
    with pytest.raises(KeyError):
        resolve("$nobody", "light")
