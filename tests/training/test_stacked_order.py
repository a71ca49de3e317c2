"""The orders that stack members, on a CPU: the whole cohort as one, as an accelerator has it, and in shares."""

from dataclasses import replace

import pytest
import torch

from lmc_core.models.cores import Cores
from lmc_core.models.stacked import Samples
from lmc_core.optim.optimizer import optimizer_of
from lmc_core.training.cohort import ALIVE, Cohort
from lmc_core.training.execution import Execution, InShares, OneByOne, Task, Together
from lmc_core.training.member import members_of
from lmc_core.training.networks import initialise, stacked
from tests.training.reference import WITHOUT_EFFECT
from tests.training.runs import ARCHITECTURES, DATA, OPTIMIZERS, STEPS, small_spec

CPU = torch.device("cpu")


def cohort_of(spec) -> tuple[Task, Cohort]:
    net, optimizer = stacked(spec), optimizer_of(spec.optimizer)
    samples = Samples(net, DATA, "train", CPU)
    task = Task(net, samples, optimizer, spec.schedule.name, spec.batch_size, spec.total_steps, 8)
    members = [*members_of(spec, "a"), *members_of(spec, "b")]
    return task, Cohort.begin(members, [net.layout.pack(initialise(spec, member.pair)) for member in members], optimizer)


def advance(execution: Execution, task: Task) -> None:
    for first in range(0, STEPS, task.steps_per_epoch):
        execution.advance(first, first + 2)
        execution.advance(first + 2, first + task.steps_per_epoch)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_stack_goes_where_its_members_go_one_by_one(architecture, optimizer):
    spec = small_spec(architecture, optimizer, repeats=2, augmentation="shift_flip", schedule={"name": "cosine", "warmup_epochs": 1})
    task, alone = cohort_of(spec)
    start = alone.parameters.clone()
    with Cores(CPU, 2) as cores:
        advance(OneByOne(task, alone, cores), task)
    task, stack = cohort_of(spec)
    advance(Together(task, stack, CPU), task)
    layout = task.net.layout
    for rows in (start, alone.parameters, stack.parameters):
        for name, values in layout.views(rows).items():
            if name.endswith(WITHOUT_EFFECT):
                values.zero_()
    apart, come = (stack.parameters - alone.parameters).norm(dim=1), (alone.parameters - start).norm(dim=1)
    assert (apart / come).max() < 1e-4
    torch.testing.assert_close(stack.loss_sums, alone.loss_sums, rtol=1e-4, atol=1e-4)
    assert stack.diverged_at.eq(ALIVE).all()


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov with decay", "clipped adamw"])
def test_a_member_that_diverges_in_the_stack_is_frozen_and_harms_nobody(optimizer):
    spec = small_spec("deep linear net", optimizer)
    task, stack = cohort_of(spec)
    calm, wild = stack.members
    stack = replace(stack, members=(calm, replace(wild, lr=1e4, clip_norm=0)))
    advance(Together(task, stack, CPU), task)
    assert stack.diverged_at[0] == ALIVE
    assert 0 < stack.diverged_at[1] < STEPS
    assert stack.parameters[0].isfinite().all()

    frozen = stack.parameters[1].clone()
    Together(task, stack, CPU).advance(0, 5)
    torch.testing.assert_close(stack.parameters[1], frozen, rtol=0, atol=0, equal_nan=True)

    task, alone = cohort_of(spec)
    advance(Together(task, alone, CPU), task)
    Together(task, alone, CPU).advance(0, 5)
    torch.testing.assert_close(stack.parameters[0], alone.parameters[0])


def test_each_member_of_a_stack_may_have_its_own_rate_and_clipping():
    spec = small_spec(repeats=2)
    task, stack = cohort_of(spec)
    members = tuple(
        replace(member, lr=lr, clip_norm=norm, warmup_steps=warm, slope=slope)
        for member, lr, norm, warm, slope in zip(
            stack.members, (0.1, 0.05, 0.01, 0.2), (0, 0.1, 1, 0.3), (0, 3, 9, 0), (0, 0.5, 1, 0.1), strict=True
        )
    )
    stack = replace(stack, members=members)
    alone = replace(cohort_of(spec)[1], members=members)
    advance(Together(task, stack, CPU), task)
    with Cores(CPU, 1) as cores:
        advance(OneByOne(task, alone, cores), task)
    torch.testing.assert_close(stack.parameters, alone.parameters, rtol=1e-3, atol=1e-5)


WIDTHS = {"of whole cache lines": (16, 20), "of no whole cache lines": (17, 7), "of one unit": (1, 3)}


@pytest.mark.parametrize("optimizer", ["momentum", "clipped sgd", "adamw"])
@pytest.mark.parametrize("shapes", WIDTHS)
@pytest.mark.parametrize(("name", "depth"), [("mlp", 2), ("mlp", 4), ("linear", 1), ("linear", 3)])
def test_a_members_bits_do_not_depend_on_who_is_in_its_share(name, depth, shapes, optimizer):
    width, batch = WIDTHS[shapes]
    spec = small_spec({"name": name, "depth": depth, "width": width}, optimizer, repeats=4, batch_size=batch)
    slopes = [0.1 * row if name == "mlp" else 1 for row in range(8)]
    found = []
    for threads in (1, 2, 3, 8):
        task, cohort = cohort_of(spec)
        cohort = replace(cohort, members=tuple(replace(member, slope=slope) for member, slope in zip(cohort.members, slopes, strict=True)))
        with Cores(CPU, threads) as cores:
            execution = InShares(task, cohort, cores)
            for first in range(0, 2 * task.steps_per_epoch, task.steps_per_epoch):
                execution.advance(first, first + task.steps_per_epoch)
        found.append(cohort)
    for cohort in found[1:]:
        assert torch.equal(cohort.parameters, found[0].parameters)
        assert torch.equal(cohort.loss_sums, found[0].loss_sums)
