"""python -m benchmarks.vit: twins of ViT-Tiny against transformers' Trainer run twice, and 11 alphas against 11 state dicts.

The Trainer wants the package accelerate, which nothing else here does: `pip install accelerate`.
"""

import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2
from transformers import Trainer, TrainerCallback, TrainingArguments, ViTForImageClassification
from typing_extensions import override

from benchmarks.setting import parser, table
from lmc_core.connectivity.evaluation import Evaluator
from lmc_core.connectivity.interpolation import equidistant, interpolate
from lmc_core.cores import Cores
from lmc_core.data import dataset as datasets
from lmc_core.data.crop_flip_jitter import STRENGTH, crop_side
from lmc_core.data.load import load
from lmc_core.models import build, initialise
from lmc_core.models.stacked import Samples, stacked
from lmc_core.models.vit import configuration
from lmc_core.spec import AdamW, Measurement, TwinsSpec, ViT
from lmc_core.training.run import train_twins

ALPHAS = equidistant(11)
TINY = {"patch": 16, "width": 192, "layers": 12, "heads": 3, "mlp": 768, "resample": "bicubic", "mean": (0.5,) * 3, "std": (0.5,) * 3}
"""ViT-Tiny, normalised as its pretrained weights want it."""
LR = 2e-4
"""The blog's."""


class Images(Dataset[dict[str, Tensor]]):
    """What a user hands to the Trainer: one image after the other through torchvision's transforms."""

    def __init__(self, images: Tensor, labels: Tensor, side: int, augmented: bool) -> None:
        crop = [v2.RandomCrop(crop_side(images.shape[-1])), v2.RandomHorizontalFlip(), v2.ColorJitter(*STRENGTH.values())]
        resized = v2.Resize((side, side), v2.InterpolationMode.BICUBIC)
        numbers = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(TINY["mean"], TINY["std"])]
        self._transform = v2.Compose([*(crop if augmented else []), resized, *numbers])
        self._images, self._labels = images, labels

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        return {"pixel_values": self._transform(self._images[index]), "labels": self._labels[index]}


def few(folder: Path | None, train: int, test: int) -> datasets.Dataset:
    """So many images of CIFAR-10 in a folder, or random ones of its shape."""
    if folder is not None:
        whole = load("cifar10", folder)
        return datasets.Dataset.of(
            "cifar10", whole.train_images[:train], whole.train_labels[:train], whole.test_images[:test], whole.test_labels[:test]
        )
    source, tensors = torch.Generator().manual_seed(0), []
    for count in (train, test):
        tensors.append(torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=source))
        tensors.append(torch.randint(0, 10, (count,), generator=source))
    return datasets.Dataset.of("cifar10", *tensors)


def spec_of(side: int, batch_size: int, samples: int, precision: str) -> TwinsSpec:
    """The blog's training of ViT-Tiny on a part of CIFAR-10."""
    return TwinsSpec.model_validate(
        {
            "dataset": "cifar10",
            "train_samples": samples,
            "architecture": ViT.model_validate({"side": side, **TINY}),
            "optimizer": AdamW(lr=LR),
            "augmentation": "crop_flip_jitter",
            "batch_size": batch_size,
            "epochs": 100,
            "measurement": Measurement(alphas=3, every=0),
            "precision": precision,
        }
    )


def own_epochs(spec: TwinsSpec, data: datasets.Dataset) -> Iterator[float]:
    """Seconds of optimiser steps of both twins, epoch by epoch."""
    before = 0.0
    for event in train_twins(spec, data):
        if event.event == "epoch":
            yield event.train_seconds - before
            before = event.train_seconds


class EpochClock(TrainerCallback):
    """Notes when each epoch ends."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    @override
    def on_epoch_end(self, *_: object, **__: object) -> None:
        self.ends.append(time.perf_counter())


def by_trainer(spec: TwinsSpec, data: datasets.Dataset) -> float:
    """Seconds of an epoch of two networks by transformers' Trainer, one after the other, with the attention that it chooses itself.

    A first epoch of each is not counted: it starts accelerate and warms libraries up.
    """
    assert isinstance(spec.architecture, ViT)
    images, seconds = Images(data.train_images, data.train_labels, spec.architecture.side, augmented=True), 0.0
    for seed in (1, 2):
        config = configuration(spec.architecture.model_copy(update={"attention": "sdpa"}), 3, 10)
        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                per_device_train_batch_size=spec.batch_size,
                learning_rate=LR,
                num_train_epochs=2,
                seed=seed,
                bf16=spec.precision == "bfloat16",
                use_cpu=not torch.cuda.is_available(),
                save_strategy="no",
                logging_strategy="no",
                report_to=[],
                disable_tqdm=True,
                dataloader_pin_memory=False,
            )
            clock = EpochClock()
            Trainer(ViTForImageClassification(config), arguments, train_dataset=images, callbacks=[clock]).train()
            seconds += clock.ends[1] - clock.ends[0]
    return seconds


def by_state_dicts(module: nn.Module, ends: tuple[Mapping[str, Tensor], Mapping[str, Tensor]], data: datasets.Dataset, side: int) -> float:
    """Seconds of 11 alphas by 11 loads of a state dict, each with a pass of a DataLoader over the test images."""
    loader = DataLoader(Images(data.test_images, data.test_labels, side, augmented=False), batch_size=32)
    begun = time.perf_counter()
    with torch.no_grad():
        for alpha in ALPHAS:
            module.load_state_dict(interpolate(*ends, alpha))
            for batch in loader:
                module(batch["pixel_values"]).argmax(1).ne(batch["labels"]).sum().item()
    return time.perf_counter() - begun


def own_line(spec: TwinsSpec, ends: tuple[Mapping[str, Tensor], Mapping[str, Tensor]], data: datasets.Dataset) -> float:
    """Seconds of the same curve here."""
    net = stacked(spec)
    with Cores(torch.device("cuda" if torch.cuda.is_available() else "cpu")) as cores:
        a, b = (net.layout.pack(weights).to(cores.device) for weights in ends)
        begun = time.perf_counter()
        Evaluator(net, 1.0, None, Samples(net, data, "test", cores.device), cores).between(a, b, ALPHAS)
        return time.perf_counter() - begun


if __name__ == "__main__":
    arguments = parser("ViT-Tiny on CIFAR-10: optimiser steps of twins, and the line between them.")
    arguments.add_argument("--side", type=int, default=224, help="pixels to which images are resized")
    arguments.add_argument("--samples", type=int, default=256, help="training images of an epoch")
    arguments.add_argument("--measured", type=int, default=64, help="test images on the line")
    arguments.add_argument("--batch-size", type=int, default=32)
    chosen = arguments.parse_args()
    warnings.simplefilter("ignore")
    data = few(chosen.data, chosen.samples, chosen.measured)
    for precision in ("float32", "bfloat16"):
        spec = spec_of(chosen.side, chosen.batch_size, chosen.samples, precision)
        epochs, plain, own = own_epochs(spec, data), [], []
        next(epochs)
        for _ in range(chosen.repeats):
            own.append(next(epochs))
            plain.append(by_trainer(spec, data))
        title = f"Twins of ViT-Tiny at {chosen.side} px, batch {chosen.batch_size}, {chosen.samples} images each, {precision}"
        print(table(title, {"Trainer, twice": plain}, own, "Optimiser steps alone; the Trainer's attention is sdpa, ours eager.") + "\n")
    spec = spec_of(chosen.side, chosen.batch_size, chosen.samples, "float32")
    ends = initialise(spec, 0), initialise(spec, 1)
    assert isinstance(spec.architecture, ViT)
    plain, own = [], []
    for _ in range(chosen.repeats):
        own.append(own_line(spec, ends, data))
        plain.append(by_state_dicts(build(spec).eval(), ends, data, chosen.side))
    print(table(f"11 alphas over {chosen.measured} images at {chosen.side} px", {"11 state dicts": plain}, own, "Float32 in both."))
