"""A run that does not fit ends alone, with a sentence that says what to lower."""

import pytest
import torch

from lmc_core.errors import LMCError
from lmc_core.models.cores import Cores
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.training import crew, memory
from lmc_core.training.networks import stacked
from lmc_core.training.run import train_twins
from tests.training.runs import DATA, small_spec, train


@pytest.mark.parametrize(
    ("architecture", "field"),
    [
        ("mlp", "architecture.width"),
        ("cnn", "architecture.filters"),
        ("locally connected", "architecture.filters"),
        ("attention", "architecture.heads"),
        ("vit", "architecture.width"),
    ],
)
def test_a_run_that_cannot_fit_is_refused_before_it_takes_memory(architecture, field, monkeypatch):
    monkeypatch.setattr(memory, "free_memory", lambda: 1000)
    with pytest.raises(LMCError, match=rf"lower {field} or batch_size"):
        next(train_twins(small_spec(architecture), DATA))


def test_a_run_that_would_fit_with_its_batches_in_parts_is_told_in_how_many(monkeypatch):
    spec = small_spec("vit", accumulation=2)
    with Cores(torch.device("cpu")) as cores:
        needs = [
            memory.needed([spec.model_copy(update={"accumulation": parts})], stacked(spec), optimizer_of(spec.optimizer), cores)
            for parts in (4, 8)
        ]
    monkeypatch.setattr(memory, "free_memory", lambda: sum(needs) // 2)
    with pytest.raises(LMCError, match=r"MiB are free; with accumulation 8 it fits; or lower architecture.width or batch_size"):
        next(train_twins(spec, DATA))


def test_vision_transformers_on_a_gpu_hold_the_activations_of_one_member_at_a_time():
    one, two = (small_spec("vit", "sgd", repeats=repeats) for repeats in (1, 2))
    net, update = stacked(one), optimizer_of(one.optimizer)
    with Cores(torch.device("cuda")) as gpu:
        more = memory.needed([two], net, update, gpu) - memory.needed([one], net, update, gpu)
    weights_and_gradients_of_two_and_a_start = 5
    assert more == 4 * net.layout.size * weights_and_gradients_of_two_and_a_start


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

    monkeypatch.setattr(crew, "execution_of", refuse)
    with pytest.raises(LMCError, match=r"ran out of memory; lower architecture.width or batch_size or repeats"):
        train(small_spec(repeats=2))


def test_a_vision_transformer_that_runs_out_of_memory_is_told_of_batches_in_parts(monkeypatch):
    def refuse(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(crew, "execution_of", refuse)
    with pytest.raises(LMCError, match=r"ran out of memory; raise accumulation, or lower architecture.width"):
        train(small_spec("vit"))


def test_other_faults_stay_what_they_are(monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("something else")

    monkeypatch.setattr(crew, "execution_of", refuse)
    with pytest.raises(RuntimeError, match="something else"):
        train(small_spec())


def test_free_memory_is_what_the_system_says_is_available(monkeypatch, tmp_path):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:       1000 kB\nMemAvailable:    700 kB\n")
    monkeypatch.setattr(memory, "MEMINFO", meminfo)
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    assert memory.free_memory() == 700 * 1024


@pytest.mark.parametrize(("limit", "free"), [("max", 700 * 1024), ("500000", 500_000 - 300_000 + 50_000)])
def test_a_containers_limit_counts_without_the_files_that_it_could_let_go(limit, free, monkeypatch, tmp_path):
    (tmp_path / "meminfo").write_text("MemAvailable:    700 kB\n")
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text("300000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 50000\n")
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    assert memory.free_memory() == free


def test_where_the_system_says_nothing_no_run_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "nothing")
    monkeypatch.setattr(memory, "CGROUP", tmp_path / "nothing")
    assert memory.free_memory() is None
    assert train(small_spec())[0][-1].event == "done"
