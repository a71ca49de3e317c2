"""What is typed into a field is understood as it is meant, or refused with what is allowed; never taken for another number."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.models.spec import ViT
from lmc_core.pruning.spec import Platon
from lmc_core.ui.controls import TYPED
from lmc_core.ui.fields import SpecField, fields_of, groups_of, value_at
from lmc_core.ui.typed import read_value, text_of

SPECS: tuple[Experiment, ...] = (
    TwinsSpec(dataset="cifar10", architecture=ViT(mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 1e-5))),
    TwinsSpec(train_samples=1_000, repeats=7),
    PruneSpec(pruning=Platon()),
)


def typed_fields(spec: Experiment) -> Iterator[SpecField]:
    fields = (field for group in groups_of(type(spec)) for member in group.members for field in fields_of(member, spec))
    return (field for field in fields if field.kind in (*TYPED, "twins"))


FIELDS = {field.path: field for spec in SPECS for field in typed_fields(spec)}


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("optimizer.lr", "0,1", 0.1),
        ("optimizer.lr", " 0.1 ", 0.1),
        ("optimizer.lr", "1e-3", 0.001),
        ("optimizer.lr", ",5", 0.5),
        ("optimizer.lr", "0,001", 0.001),
        ("optimizer.lr", "1,5", 1.5),
        ("epochs", "20", 20),
        ("epochs", "10,000", 10_000),
        ("epochs", "1 000", 1_000),
        ("epochs", "1’000", 1_000),
        ("seeds.init", "2,147,483,647", 2**31 - 1),
        ("train_samples", "", None),
        ("train_samples", "All", None),
        ("train_samples", "200", 200),
        ("seeds.order", "7", 7),
        ("keep", "", ()),
        ("keep", "1, 2;3 4", (1, 2, 3, 4)),
        ("pruning.densities", "0.5, 0.2", (0.5, 0.2)),
        ("start.checkpoint", " mlp ", "mlp"),
    ],
)
def test_a_text_is_understood_as_it_is_meant(path: str, text: str, value: object) -> None:
    assert read_value(FIELDS[path], text) == value


@pytest.mark.parametrize(
    ("path", "text", "sentence"),
    [
        ("epochs", "abc", "epochs is 'abc'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "2.7", "epochs is '2.7'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "2,7", "epochs is '2,7'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "10.000.000", "epochs is '10.000.000'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "-3", "epochs is '-3'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "−3", "epochs is '−3'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "0", "epochs is '0'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "20,000", "epochs is '20,000'; allowed: a whole number from 1 to 10,000."),
        ("epochs", "", "epochs is empty; allowed: a whole number from 1 to 10,000."),
        ("optimizer.lr", "1,000", "can be read as 1.000 or as 1000; write it without a comma."),
        ("optimizer.lr", "1,234.5", "allowed: a number above 0, at most 100."),
        ("optimizer.lr", "0", "optimizer.lr is '0'; allowed: a number above 0, at most 100."),
        ("optimizer.lr", "nan", "allowed: a number above 0"),
        ("optimizer.lr", "inf", "allowed: a number above 0"),
        ("optimizer.lr", "1e999", "allowed: a number above 0"),
        ("optimizer.lr", "0.1 0.2", "allowed: a number above 0"),
        ("seeds.order", "1,2", "seeds.order is '1,2'; allowed: a whole number from 0 to 2,147,483,647."),
        ("train_samples", "1", "allowed: a whole number from 2 to 2,147,483,647, or nothing."),
        ("pruning.densities", "0,5", "pruning.densities has '0'; allowed: a number above 0, at most 1."),
        ("pruning.densities", "", "allowed: 1 to 40 numbers with commas between"),
        ("start.fingerprint", "abc", "start.fingerprint is 'abc'; allowed: 20 of the digits 0 to 9 and a to f, or nothing."),
        ("start.checkpoint", "x" * 501, "allowed: text of at most 500 characters."),
    ],
)
def test_what_is_not_understood_is_refused_with_what_is_allowed(path: str, text: str, sentence: str) -> None:
    with pytest.raises(LMCError) as fault:
        read_value(FIELDS[path], text)
    assert sentence in str(fault.value)


@pytest.mark.parametrize("spec", SPECS)
def test_what_a_field_shows_is_read_as_the_value_that_it_has(spec: Experiment) -> None:
    for field in typed_fields(spec):
        value = value_at(spec, field.path)
        for each in value if field.kind == "twins" else [value]:
            assert read_value(field, text_of(each)) == each


@settings(deadline=None)
@given(st.floats(1e-300, 100))
def test_every_number_survives_being_shown(value: float) -> None:
    assert read_value(FIELDS["optimizer.lr"], text_of(value)) == value


@pytest.mark.parametrize("path", FIELDS)
@settings(deadline=None)
@given(text=st.text(max_size=60) | st.text("0123456789,.-+e '’", max_size=60))
def test_any_text_is_a_value_of_the_field_or_one_sentence(path: str, text: str) -> None:
    try:
        read_value(FIELDS[path], text)
    except LMCError as fault:
        assert "allowed: " in str(fault) or "without a comma" in str(fault)
        assert len(str(fault)) < 300


@pytest.mark.parametrize("path", FIELDS)
@pytest.mark.parametrize("text", ["9" * 200_000, "," * 200_000, " " * 200_000 + "x", "1," * 100_000])
def test_a_long_text_costs_nothing(path: str, text: str) -> None:
    try:
        read_value(FIELDS[path], text)
    except LMCError as fault:
        assert len(str(fault)) < 300
