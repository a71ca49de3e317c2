from lmc_core.experiment import TwinsSpec
from lmc_core.overrides import field_paths, parse_spec
from lmc_core.ui.differences import differences, leaves, short_labels


def test_the_leaves_of_specs_are_the_fields_of_the_command_line() -> None:
    assert set(leaves(TwinsSpec())) <= set(field_paths())


def test_only_what_differs_between_runs_is_listed() -> None:
    one, other = TwinsSpec(), TwinsSpec.model_validate({"epochs": 5, "optimizer": {"name": "adam"}})
    assert differences([one, other]) == {
        "Optimiser": ["SGD", "Adam"],
        "Learning rate": ["0.1", "0.001"],
        "Momentum": ["0.9", "–"],
        "Nesterov": ["No", "–"],
        "Epochs": ["20", "5"],
    }
    assert differences([one, one]) == {}


def test_the_label_of_a_run_says_what_tells_it_from_the_others() -> None:
    specs = [TwinsSpec.model_validate({"optimizer": {"name": name, "lr": 0.01}}) for name in ("sgd", "adam")]
    assert short_labels(specs) == ["SGD", "Adam"]
    assert short_labels([specs[0], specs[0]])[1].endswith("(2)")


def test_runs_that_differ_in_much_get_labels_that_say_just_enough() -> None:
    many = {"dataset": "mnist", "epochs": 3, "batch_size": 64, "repeats": 2, "optimizer": {"name": "adam"}, "architecture": {"depth": 4}}
    first, second = short_labels([TwinsSpec(), parse_spec(many)])
    assert first == "Digits 8×8, 2 layers, SGD, lr 0.1"
    assert second == "MNIST, 4 layers, Adam, lr 0.001"
    assert len({*short_labels([TwinsSpec(), parse_spec(many), parse_spec(many | {"epochs": 4})])}) == 3
