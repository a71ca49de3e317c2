"""Studies of when connectivity emerges: which runs they are, and what is refused before anything trains."""

import shlex
from pathlib import Path

import numpy as np
import pytest

from lmc_core.checkpoints.resolve import checked
from lmc_core.checkpoints.saving import save_pretrained
from lmc_core.command_line import parser
from lmc_core.command_line.emergence import study_from
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import with_overrides
from lmc_core.studies.emergence import (
    Emergence,
    Moment,
    Way,
    command_of_study,
    doubling,
    left_out,
    parse_moment,
    parse_values,
    stages_in,
    written_values,
)
from lmc_core.studies.emergence_presets import EMERGENCE
from lmc_core.sweeps.plan import SIZES
from lmc_core.training.networks import initialise

TWINS = with_overrides({"architecture.width": "8", "epochs": "8", "repeats": "2"})


def study(way: Way, values: str, **source: str) -> Emergence:
    return Emergence(way, TWINS, parse_values(values), source)


def refused(way: Way, values: str, base: TwinsSpec = TWINS, **source: str) -> str:
    with pytest.raises(LMCError) as fault:
        Emergence(way, base, parse_values(values), {path.replace("__", "."): text for path, text in source.items()})
    return str(fault.value)


def save_stages(folder: Path, spec: TwinsSpec, *names: str) -> None:
    for seed, name in enumerate(names):
        save_pretrained(spec, initialise(spec, seed), folder / name)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0", Moment(0)),
        ("0 steps", Moment(0)),
        ("2", Moment(2)),
        ("2 epochs", Moment(2)),
        ("1 epoch", Moment(1)),
        ("50 steps", Moment(50, "steps")),
        ("1 step", Moment(1, "steps")),
        (" 50steps ", Moment(50, "steps")),
    ],
)
def test_a_moment_counts_epochs_unless_it_says_steps(text: str, moment: Moment) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("soon", "'soon' is not a point in training"),
        ("-1", "not a point"),
        ("1.5", "not a point"),
        ("", "Write the points"),
        ("1, 2, 1 epoch", "The point 1 epoch is given twice"),
    ],
)
def test_what_is_no_moment_is_refused_in_a_sentence(values: str, words: str) -> None:
    with pytest.raises(LMCError, match=words):
        parse_values(values)


def test_moments_are_written_as_they_are_read() -> None:
    text = "0, 50 steps, 1, 2"
    assert written_values(parse_values(text)) == text


def test_a_training_is_first_asked_at_epochs_that_double() -> None:
    assert written_values(doubling(20)) == "0, 1, 2, 4, 8, 16"


def test_spawn_points_are_ordinary_runs_that_differ_in_nothing_else() -> None:
    cells = study("spawn", "0, 5 steps, 2").cells
    assert [(cell.spec.spawn.at, cell.spec.spawn.unit) for cell in cells] == [(0, "epochs"), (5, "steps"), (2, "epochs")]
    assert [cell.name for cell in cells] == ["0", "5 steps", "2 epochs"]
    assert cells[0].spec == TWINS
    assert {cell.spec.model_copy(update={"spawn": TWINS.spawn}).run_id for cell in cells} == {TWINS.run_id}


def test_what_is_shared_until_a_spawn_point_is_counted_in_steps() -> None:
    assert study("spawn", "0, 5 steps, 2").amounts() == [0, 5, 2 * TWINS.steps_per_epoch]


def test_lines_of_blocks_are_asked_of_each_run() -> None:
    cells = study("blocks", "0, 2").cells
    assert all(cell.spec.measurement.blocks for cell in cells)
    assert [cell.spec.spawn.at for cell in cells] == [0, 2]


def test_a_pretraining_is_one_network_that_is_kept_at_each_epoch_asked_for() -> None:
    source = study("pretraining", "0, 1, 4", augmentation="shift_flip").pretraining
    assert source is not None
    assert (source.epochs, source.keep, source.repeats) == (4, (1, 4), 1)
    assert source.spawn_step == source.total_steps
    assert (source.augmentation, source.architecture) == ("shift_flip", TWINS.architecture)


def test_twins_begin_at_random_or_with_a_stage_of_the_pretraining() -> None:
    found = study("pretraining", "0, 1, 4", augmentation="shift_flip")
    assert found.pretraining is not None
    run = found.pretraining.run_id
    assert [cell.spec.start.checkpoint for cell in found.cells] == ["", f"{run}/epoch-1", f"{run}/epoch-4"]
    assert [cell.name for cell in found.cells] == ["random", "1 epoch", "4 epochs"]
    assert found.amounts() == [0, 1, 4]
    assert found.cells[0].spec == TWINS


def test_the_twins_wait_for_the_checkpoints_and_are_known_by_their_weights(tmp_path: Path) -> None:
    found = study("pretraining", "0, 1, 4", augmentation="shift_flip")
    assert found.pretraining is not None
    assert found.ready(tmp_path) is None
    folder = tmp_path / "models" / found.pretraining.run_id
    save_stages(folder, found.pretraining, "epoch-1")
    assert found.ready(tmp_path) is None
    save_stages(folder, found.pretraining, "epoch-1", "epoch-4")
    cells = found.ready(tmp_path)
    assert cells is not None
    assert [bool(cell.spec.start.fingerprint) for cell in cells] == [False, True, True]
    assert [cell.factors for cell in cells] == [cell.factors for cell in found.cells]
    for cell in cells:
        checked(cell.spec, tmp_path)


def test_twins_that_were_trained_before_are_known_without_the_checkpoints(tmp_path: Path) -> None:
    found = study("pretraining", "0, 1, 4", augmentation="shift_flip")
    assert found.pretraining is not None
    save_stages(tmp_path / "models" / found.pretraining.run_id, found.pretraining, "epoch-1", "epoch-4")
    cells = found.ready(tmp_path)
    assert cells is not None
    specs = [cell.spec for cell in cells]
    assert found.ready(tmp_path / "elsewhere") is None
    assert found.known([TWINS, found.pretraining, *specs[1:]]) == cells
    assert found.known(specs[:2]) is None, "a stage that nobody trained has to be pretrained again"
    again = specs[1].model_copy(update={"start": specs[1].start.model_copy(update={"fingerprint": "0" * 20})})
    preferred = found.known([again, *specs])
    assert preferred is not None
    assert [cell.spec for cell in preferred] == [specs[0], again, specs[2]]


def made_elsewhere(folder: Path) -> Emergence:
    """The study of the checkpoints in a folder."""
    return Emergence("pretraining", TWINS, (Moment(0),), folder=str(folder), stages=stages_in(str(folder), folder, anywhere=True))


def test_a_folder_of_checkpoints_is_an_axis_in_the_natural_order_of_its_names(tmp_path: Path) -> None:
    save_stages(tmp_path / "stages", TWINS, "step-1000", "step-200", "step-30")
    found = made_elsewhere(tmp_path / "stages")
    cells = found.ready(tmp_path, anywhere=True)
    assert cells is not None
    assert [cell.name for cell in cells] == ["random", "step-30", "step-200", "step-1000"]
    assert found.amounts() == [0, 30, 200, 1000]
    assert found.pretraining is None


def test_a_folder_beside_the_checkpoints_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    place = tmp_path / "stages"
    save_stages(place, TWINS, "epoch-1", "epoch-2")
    assert left_out(str(place), tmp_path, anywhere=True) is None
    (place / "runs" / "events").mkdir(parents=True)
    (place / "runs" / "events" / "log").write_text("a trainer's")
    assert made_elsewhere(place).ready(tmp_path, anywhere=True) is not None
    assert [name.rpartition("/")[2] for name in made_elsewhere(place).stages] == ["epoch-1", "epoch-2"]
    assert (left_out(str(place), tmp_path, anywhere=True) or "").startswith("Not checkpoints, so left out of ")


def test_a_checkpoint_that_is_not_whole_is_told_and_not_left_out(tmp_path: Path) -> None:
    save_stages(tmp_path / "stages", TWINS, "epoch-1")
    (tmp_path / "stages" / "epoch-1" / "model.safetensors").unlink()
    with pytest.raises(LMCError, match=r"has no model\.safetensors"):
        made_elsewhere(tmp_path / "stages").ready(tmp_path, anywhere=True)


def test_a_folder_without_checkpoints_is_told(tmp_path: Path) -> None:
    (tmp_path / "stages" / "runs").mkdir(parents=True)
    with pytest.raises(LMCError, match="holds no checkpoints; each must be a folder"):
        made_elsewhere(tmp_path / "stages")


def test_names_without_numbers_have_an_order_and_no_amount(tmp_path: Path) -> None:
    save_stages(tmp_path / "stages", TWINS, "early", "late")
    assert np.isnan(made_elsewhere(tmp_path / "stages").amounts()).all()


def test_a_checkpoint_of_another_network_is_refused_before_anything_trains(tmp_path: Path) -> None:
    save_stages(tmp_path / "stages", with_overrides({"architecture.width": "16"}), "epoch-1")
    with pytest.raises(LMCError, match=r"architecture\.width"):
        made_elsewhere(tmp_path / "stages").ready(tmp_path, anywhere=True)


def test_a_checkpoint_that_is_not_here_is_not_fetched_while_somebody_types(tmp_path: Path) -> None:
    typed = with_overrides({"start.checkpoint": "some/checkpoint", "epochs": "2"})
    with pytest.raises(LMCError, match="is not on this machine"):
        Emergence("spawn", typed, parse_values("0, 1")).ready(tmp_path)


def test_twins_that_are_known_by_their_weights_need_them_no_more(tmp_path: Path) -> None:
    known = with_overrides({"start.checkpoint": "some/checkpoint", "start.fingerprint": "0" * 20, "epochs": "2"})
    found = Emergence("spawn", known, parse_values("0, 1"))
    assert found.ready(tmp_path) == found.cells


def test_a_spawn_point_after_the_training_is_refused() -> None:
    assert "training ends after" in refused("spawn", "0, 9")


@pytest.mark.parametrize(
    ("base", "source", "words"),
    [
        ({}, {"dataset": "mnist"}, "28 pixels wide"),
        ({"dataset": "cifar10"}, {"dataset": "mnist"}, "1-channel images"),
        ({}, {"epochs": "3"}, "'epochs' cannot differ in pretraining"),
        ({}, {"dataset": "letters"}, "dataset is 'letters'"),
    ],
)
def test_a_pretraining_that_cannot_go_on_is_refused_before_it_begins(base: dict[str, str], source: dict[str, str], words: str) -> None:
    assert words in refused("pretraining", "0, 1", with_overrides(base), **source)


def test_a_pretraining_has_no_steps() -> None:
    assert "at the end of epochs only" in refused("pretraining", "0, 5 steps")


def test_the_weights_of_a_cnn_go_on_with_images_of_another_size() -> None:
    cnn = with_overrides({"architecture.name": "cnn", "epochs": "2"})
    assert Emergence("pretraining", cnn, parse_values("0, 1"), {"dataset": "mnist"}).pretraining is not None


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", EMERGENCE)
def test_every_study_begins_with_nothing_shared_and_has_repeats(name: str, size: str) -> None:
    found = EMERGENCE[name].make(size)  # type: ignore[arg-type]
    assert name.startswith(found.way)
    assert found.amounts()[0] == 0
    assert found.amounts() == sorted(found.amounts())
    assert len({cell.spec.run_id for cell in found.cells}) == len(found.cells) >= (2 if found.way == "blocks" else 6)
    assert all(cell.spec.repeats >= 3 for cell in found.cells)


@pytest.mark.parametrize("name", EMERGENCE)
def test_the_command_that_a_study_names_makes_it_again(name: str) -> None:
    found = EMERGENCE[name].make("sketch")
    words = shlex.split(command_of_study(found))
    again = study_from(parser().parse_args(words[3:]))
    assert again.cells == found.cells
    assert again.pretraining == found.pretraining
