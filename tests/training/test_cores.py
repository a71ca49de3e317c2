import threading
from functools import partial

import pytest
import torch

from lmc_core.models.cores import Cores, available

CPU = torch.device("cpu")


def test_results_come_in_the_tasks_order():
    with Cores(CPU, 3) as cores:
        assert cores.run([partial(pow, number, 2) for number in range(20)]) == [number**2 for number in range(20)]


def test_operations_inside_run_on_one_thread_and_the_callers_setting_comes_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with Cores(CPU, 2) as cores:
            assert cores.run([torch.get_num_threads] * 4) == [1] * 4
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_numbers_below_what_float32_holds_exactly_count_as_zero_inside_and_not_for_the_caller():
    tiny = torch.full((64,), 1e-39)
    with Cores(CPU, 2) as cores:
        assert [float(product.abs().max()) for product in cores.run([partial(torch.mul, tiny, 0.5)] * 4)] == [0] * 4
    assert float((tiny * 0.5).min()) > 0


def test_as_many_tasks_run_at_a_time_as_there_are_threads():
    meeting = threading.Barrier(3, timeout=20)
    with Cores(CPU, 3) as cores:
        assert sorted(cores.run([meeting.wait] * 3)) == [0, 1, 2]


def test_a_fault_is_raised_after_all_tasks_have_ended():
    ended = []

    def fail() -> None:
        raise ValueError("first")

    with Cores(CPU, 2) as cores:
        with pytest.raises(ValueError, match="first"):
            cores.run([fail, partial(ended.append, 1), fail, partial(ended.append, 2)])
        assert sorted(ended) == [1, 2]


def test_each_thread_has_scratch_of_its_own():
    meeting = threading.Barrier(2, timeout=20)
    with Cores(CPU, 2) as cores:

        def take() -> int:
            meeting.wait()
            return id(cores.scratch)

        assert len(set(cores.run([take, take]))) == 2


def test_all_cores_are_used_unless_told_otherwise():
    with Cores(CPU) as cores:
        assert cores.count == available()
