"""A run that does not fit ends alone, with a sentence that says what to lower."""

import pytest
import torch

from lmc_core.errors import LMCError
from lmc_core.training import execution, memory
from lmc_core.training.run import train_twins
from tests.training.runs import DATA, small_spec, train


@pytest.mark.parametrize(
    ("architecture", "field"),
    [
        ("mlp", "architecture.width"),
        ("cnn", "architecture.filters"),
        ("locally connected", "architecture.filters"),
        ("attention", "architecture.heads"),
    ],
)
def test_a_run_that_cannot_fit_is_refused_before_it_takes_memory(architecture, field, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    with pytest.raises(LMCError, match=rf"lower {field} or batch_size"):
        next(train_twins(small_spec(architecture), DATA))


def test_a_width_that_cannot_fit_is_refused_on_this_machine():
    spec = small_spec(architecture={"name": "mlp", "depth": 32, "width": 65_536})
    with pytest.raises(LMCError, match=r"GiB are free; lower architecture.width"):
        next(train_twins(spec, DATA))


@pytest.mark.parametrize(
    "refusal",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."
        ),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_an_allocators_refusal_becomes_advice(refusal, monkeypatch):
    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr(execution.OneByOne, "_train", refuse)
    with pytest.raises(LMCError, match=r"ran out of memory; lower architecture.width or batch_size or repeats"):
        train(small_spec(repeats=2))


def test_other_faults_stay_what_they_are(monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(execution.OneByOne, "_train", refuse)
    with pytest.raises(RuntimeError, match="something else"):
        train(small_spec())


def test_free_memory_is_what_the_system_says():
    free = memory.free_memory()
    assert free is None or free > 2**20
