"""Where a run trains, and what is written down of that place."""

import platform
from importlib.metadata import version
from pathlib import Path

import torch

from lmc_core.data.dataset import Dataset
from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import onednn
from lmc_core.packing import stacks_on_cpu
from lmc_core.runs.results import Environment
from lmc_core.training.networks import stacked

PACKAGES = ("torch", "numpy", "safetensors")
"""Whose versions every run writes down; one with a ViT also transformers'."""


def device_of(spec: Experiment, device: str | None = None) -> torch.device:
    """The device that the spec, or the caller instead of it, asks for; auto is a GPU where there is one.

    Raises:
        LMCError: cuda is asked for and there is none.
    """
    asked = device or spec.device
    if asked.startswith("cuda") and not torch.cuda.is_available():
        raise LMCError(f"‹device› is {asked}, but there is no GPU that torch can use here; set ‹device› to auto or cpu.")
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if asked == "auto" else asked)


def engine_of(spec: Experiment, cores: Cores) -> str:
    """The order of execution, the products' precision and the attention in words, as a run records them."""
    on_cpu = f"{'stacked' if stacks_on_cpu(spec) else 'one by one'} on {cores.count} cores"
    order = on_cpu if cores.device.type == "cpu" else "stacked"
    library = "cuBLAS" if cores.device.type == "cuda" else "MKL" if torch.backends.mkl.is_available() else "torch's BLAS"
    if "transformers" in spec.architecture.packages and cores.device.type == "cpu" and onednn.suits_the_processor():
        library = f"oneDNN and {library}"
    products = f"float32 products by {library}" if spec.precision == "float32" else "bfloat16 products, float32 weights"
    measured = "" if spec.measurement.precision == "float32" else ", measured with bfloat16 products"
    return f"{order}, {products}{spec.architecture.engine_words}{measured}"


def environment_of(spec: Experiment, dataset: Dataset, cores: Cores) -> Environment:
    """Where and with what a run is made.

    Args:
        spec: the experiment.
        dataset: as trained on, a chosen part of the images included.
        cores: that compute it.
    """
    device = cores.device
    packages = (*PACKAGES, *spec.architecture.packages)
    mean, std = stacked(spec).preprocessing.statistics((dataset.mean, dataset.std))
    return Environment(
        device=torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        processor=f"{processor()} with {torch.backends.cpu.get_cpu_capability()}",
        threads=cores.count,
        engine=engine_of(spec, cores),
        versions={"python": platform.python_version(), **{package: version(package) for package in packages}},
        dataset={
            "name": dataset.name,
            "train_samples": len(dataset.train_images),
            "test_samples": len(dataset.test_images),
            "sha256": dataset.sha256,
            "source_sha256": str(dataset.source.sha256),
            "source_train_samples": dataset.source.train,
            "source_test_samples": dataset.source.test,
            "mean": list(mean),
            "std": list(std),
        },
    )


def processor() -> str:
    """The processor's name as the system gives it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
