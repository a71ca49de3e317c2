"""A sweep: what it reads, what cells it makes, what it refuses."""

import pytest

from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.models.spec import LinearNet
from lmc_core.optim.spec import Adam
from lmc_core.overrides import with_overrides
from lmc_core.sweeps.sweep import MOST_CELLS, Factor, Sweep, parse_factor, read_sweep


def sweep_of(*factors: str, **settings: str) -> Sweep:
    base = with_overrides({path.replace("__", "."): text for path, text in settings.items()})
    return Sweep(base, tuple(map(parse_factor, factors)))


def test_two_factors_make_the_cross_product_with_the_first_outermost() -> None:
    cells = sweep_of("architecture.depth=2,4", "architecture.slope=0,0.5").cells
    assert [tuple(cell.factors.values()) for cell in cells] == [("2", "0"), ("2", "0.5"), ("4", "0"), ("4", "0.5")]
    assert all((cell.spec.architecture.depth, cell.spec.architecture.slope) == tuple(map(float, cell.factors.values())) for cell in cells)


def test_a_cell_is_the_ordinary_run_with_the_same_settings() -> None:
    (cell, _) = sweep_of("optimizer.lr=0.05,0.1", dataset="mnist", epochs="3").cells
    assert cell.spec.run_id == with_overrides({"dataset": "mnist", "epochs": "3", "optimizer.lr": "0.05"}).run_id


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("architecture.slope=0,0.10, 0.5", ("0", "0.1", "0.5")),
        ("architecture.slope=0..1/5", ("0", "0.25", "0.5", "0.75", "1")),
        ("architecture.slope=0..0.9/10,0.99", ("0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "0.99")),
        ("epochs=10..30/3", ("10", "20", "30")),
        ("optimizer.name=sgd,adam", ("sgd", "adam")),
        ("optimizer.nesterov=False,yes", ("false", "true")),
        ("seeds.order=1,2;3,4", ("1,2", "3,4")),
        ("train_samples=200,all", ("200", "all")),
        ("dataset=digits,mnist", ("digits", "mnist")),
        ("spawn.unit=steps,epochs", ("steps", "epochs")),
    ],
)
def test_values_get_their_usual_text(text: str, values: tuple[str, ...]) -> None:
    path = text.partition("=")[0]
    assert sweep_of(text).factors == (Factor(path, values),)


def test_every_field_of_the_spec_can_be_a_factor() -> None:
    from lmc_core.overrides import field_paths

    for path in field_paths():
        assert parse_factor(f"{path}=1").path == path


@pytest.mark.parametrize(
    "sweep",
    [
        sweep_of("architecture.slope=0,0.5,1", dataset="mnist", optimizer__name="adam"),
        sweep_of("seeds.order=1,2;3,4", "train_samples=200,all", repeats="3"),
        sweep_of("architecture.name=mlp,cnn", architecture__slope="0.3"),
    ],
)
def test_the_link_holds_the_whole_sweep(sweep: Sweep) -> None:
    assert read_sweep(sweep.parameters) == sweep
    assert all(isinstance(text, str) for text in sweep.parameters.values())


def test_another_kind_of_network_keeps_what_was_set_and_takes_its_own_defaults_elsewhere() -> None:
    mlp, linear = (
        cell.spec for cell in sweep_of("architecture.name=mlp,linear", architecture__width="64", architecture__slope="0.5").cells
    )
    assert mlp.architecture.width == linear.architecture.width == 64
    assert linear.architecture == LinearNet(width=64)


def test_another_optimiser_starts_from_its_own_learning_rate_unless_one_was_set() -> None:
    _, adam = sweep_of("optimizer.name=sgd,adam").cells
    _, adam_with_rate = sweep_of("optimizer.name=sgd,adam", optimizer__lr="0.01").cells
    assert adam.spec.optimizer == Adam()
    assert adam_with_rate.spec.optimizer == Adam(lr=0.01)


@pytest.mark.parametrize(
    ("factors", "sentence"),
    [
        ((), "A sweep has one or two factors, such as architecture.slope=0,0.1,0.5; here are 0."),
        (("epochs=1,2", "repeats=1,2", "batch_size=8,16"), "here are 3."),
        (("epochs=1,2", "epochs=3,4"), "Both factors are epochs;"),
        (("slope=0,1",), "There is no field slope; the nearest are architecture.slope"),
        (("architecture.slope",), "'architecture.slope' is not of that form."),
        (("architecture.slope=0,,1",), "has an empty value in '0,,1'"),
        (("architecture.slope=0,2",), "architecture.slope is '2'; allowed: a number from 0 to 1."),
        (("architecture.slope=0.1,0.10",), "architecture.slope has the value 0.10 twice."),
        (("architecture.slope=0..x/3",), "architecture.slope has '0..x/3', which is no range;"),
        (("architecture.slope=0..1/1",), "architecture.slope has '0..1/1', which is no range;"),
        (("architecture.name=mlp,linear", "architecture.slope=0,1"), "The cell architecture.name=linear, architecture.slope=0: "),
        (("seeds.init=0..100/101", "seeds.order=" + ";".join(f"1,{n}" for n in range(10))), f"{MOST_CELLS:,} is the most"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(factors: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(LMCError) as fault:
        sweep_of(*factors)
    assert sentence in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_link_without_a_factor_is_refused() -> None:
    with pytest.raises(LMCError, match="one or two factors"):
        read_sweep({"dataset": "mnist"})


def test_widening_a_sweep_keeps_the_runs_that_it_has() -> None:
    narrow = {cell.spec.run_id for cell in sweep_of("architecture.slope=0,0.5").cells}
    wide = {cell.spec.run_id for cell in sweep_of("architecture.slope=0,0.25,0.5,1").cells}
    assert narrow < wide


def test_the_base_of_a_sweep_is_not_changed_by_it() -> None:
    assert sweep_of("epochs=1,2").base == TwinsSpec()


@pytest.mark.parametrize("text", ["0-1", "0 - 1", "0..1", "0...1", "0:1", "0:1:11", "0 to 1", "0–1"])
def test_a_range_written_as_elsewhere_is_refused_with_the_form_that_is_read(text: str) -> None:
    with pytest.raises(LMCError, match=r"which is no value; for a range write 0\.\.1/11 for 11 numbers from 0 to 1, ends included\."):
        parse_factor(f"architecture.slope={text}")


@pytest.mark.parametrize("text", ["1e-5", "-1", "1e-5,1e-3", "0..1/11", "-1..1/3"])
def test_a_number_with_a_sign_is_not_taken_for_a_range(text: str) -> None:
    assert parse_factor(f"optimizer.lr={text}").values
