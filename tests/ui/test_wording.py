import pytest

from lmc_core.experiment import TwinsSpec
from lmc_core.settings import REPOSITORY
from lmc_core.ui import wording


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({}, "MLP, 1 hidden layer of 512, ReLU on Digits 8×8"),
        ({"architecture": {"name": "linear"}, "dataset": "mnist"}, "Logistic regression on MNIST"),
        ({"architecture": {"name": "linear", "depth": 4}}, "Linear net, 4 layers of 512 on Digits 8×8"),
        ({"architecture": {"name": "mlp", "depth": 4, "slope": 0.1}}, "MLP, 3 hidden layers of 512, Leaky-ReLU 0.1 on Digits 8×8"),
        ({"architecture": {"name": "cnn"}, "dataset": "cifar10"}, "CNN, 128 filters of 4×4, ReLU on CIFAR-10"),
        ({"architecture": {"name": "lc_cnn", "slope": 1}}, "Locally connected CNN, 128 filters of 4×4, linear on Digits 8×8"),
        ({"architecture": {"name": "attention"}}, "One attention layer, 8 heads of 48, patches of 4×4 on Digits 8×8"),
        ({"architecture": {"name": "vit"}}, "ViT, 4 blocks of width 64, patches of 4×4 at 32×32 on Digits 8×8"),
    ],
)
def test_an_experiment_has_a_title_in_words(values: dict[str, object], title: str) -> None:
    assert wording.title_of(TwinsSpec.model_validate(values)) == title


@pytest.mark.parametrize(
    ("augmentation", "words"), [("shift_flip", "shifted and flipped"), ("crop_flip_jitter", "cropped, flipped and jittered")]
)
def test_the_title_says_what_is_done_to_the_data(augmentation: str, words: str) -> None:
    spec = TwinsSpec.model_validate({"train_samples": 1000, "augmentation": augmentation})
    assert wording.title_of(spec).endswith(f"Digits 8×8, 1,000 training images, {words}")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "SGD, learning rate 0.1, momentum 0.9, 20 epochs at batch size 128 · 1 pair, twins differ in data order"),
        ({"seeds": {"order": (1, 1)}}, "twins get the same noise"),
        ({"augmentation": "shift_flip"}, "twins differ in data order and augmentation"),
        ({"augmentation": "shift_flip", "seeds": {"order": (1, 1)}}, "twins differ in augmentation"),
        ({"spawn": {"at": 3}}, "twins differ in data order from epoch 3 on"),
        ({"optimizer": {"name": "sgd", "nesterov": True, "clip_norm": 1}}, "Nesterov momentum 0.9, clipped at 1"),
        ({"schedule": {"name": "cosine", "warmup_epochs": 2}}, "cosine schedule, 2 warm-up epochs"),
    ],
)
def test_an_experiment_says_how_it_trains_and_what_tells_the_twins_apart(values: dict[str, object], words: str) -> None:
    assert words in wording.subtitle_of(TwinsSpec.model_validate(values))


def test_gradient_clipping_says_how_to_leave_it_out() -> None:
    assert wording.LABELS["optimizer.clip_norm"] == "Gradient clipping (0 = off)"


@pytest.mark.parametrize("phrase", ["Take it along", "the rest holds:", "They ship with the program", "Clip norm"])
def test_pages_say_it_in_plain_words(phrase: str) -> None:
    sources = [*(REPOSITORY / "lmc_core" / "ui").glob("*.py"), *(REPOSITORY / "pages").glob("*.py")]
    assert [file.name for file in sources if phrase in file.read_text(encoding="utf-8")] == []
