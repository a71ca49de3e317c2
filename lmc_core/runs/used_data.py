"""The data that a run needs or has used, held against what its spec asks for and what the data folder holds by now."""

from collections.abc import Mapping
from pathlib import Path

from lmc_core.data.holdings import Holding, holding, lacking
from lmc_core.data.spec import CATALOG, DatasetName
from lmc_core.experiment import Experiment


def other_data(spec: Experiment, used: Mapping[str, object], data_dir: Path | None) -> str | None:
    """What was other about the data that a run used, as a part of a sentence; None if it is what a new run would use.

    Where the folder does not hold what the spec asks for, or it is not known what it holds, there is nothing to compare with.

    Args:
        spec: of the run.
        used: `environment.dataset` of its result.
        data_dir: the folder of data sets; None leaves it out.
    """
    for field, word, wanted in (("train_samples", "training", spec.samples), ("test_samples", "test", spec.tested)):
        number = used.get(field, wanted)
        if number != wanted:
            return f"it used {number:,} {word} images instead of {wanted:,}"
    source = _source(spec, used)
    there = holding(spec.dataset, data_dir) if data_dir and source else None
    if source is None or there is None or there.train < spec.samples or there.test < spec.tested:
        return None
    known = there.sha256 is not None and source.sha256 is not None
    same = there.sha256 == source.sha256 if known else (there.train, there.test) == (source.train, source.test)
    return None if same else f"it used other images of {CATALOG[spec.dataset].title} than are in the data folder now"


def _source(spec: Experiment, used: Mapping[str, object]) -> Holding | None:
    """What was in the data folder when a run took its images from there; None where a run of an earlier version does not say."""
    match used:
        case {"source_train_samples": int(train), "source_test_samples": int(test), "source_sha256": str(sha256)}:
            return Holding(train, test, sha256)
        case {"sha256": str(sha256)} if spec.train_samples is None and spec.test_samples is None:
            return Holding(spec.samples, spec.tested, sha256)
    return None


def lacking_images(spec: Experiment, data_dir: Path) -> str | None:
    """The sentence for images that a run asks for and the data folder does not hold; None if it does, or if they have to be fetched."""
    there = holding(spec.dataset, data_dir)
    return lacking(spec.dataset, there, spec.train_samples, spec.test_samples) if there else None


def asked_images(spec: Experiment) -> tuple[DatasetName, int, int]:
    """What a run asks of the data folder: the data set, and how many of its images to train and to test."""
    return spec.dataset, spec.samples, spec.tested
