from pathlib import Path

import pytest
import torch
from torchvision import transforms

from lmc_core.data.load import load
from lmc_core.data.normalisation import CHANNEL_STATISTICS, normalise


@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_normalising_rounds_as_torchvisions_to_tensor_and_normalize_do(name):
    mean, std = CHANNEL_STATISTICS[name]
    every_byte = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16).expand(5, len(mean), -1, -1)
    theirs = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)])
    expected = torch.stack([theirs(image.permute(1, 2, 0).numpy()) for image in every_byte])
    assert torch.equal(normalise(every_byte, mean, std), expected)


def test_another_type_is_rounded_to_at_the_end():
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    low = normalise(images, (0.5,), (0.25,), torch.bfloat16)
    assert low.dtype == torch.bfloat16
    assert torch.equal(low, normalise(images, (0.5,), (0.25,)).to(torch.bfloat16))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_same_bits():
    mean, std = CHANNEL_STATISTICS["cifar10"]
    images = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16).expand(5, 3, -1, -1)
    assert torch.equal(normalise(images.cuda(), mean, std).cpu(), normalise(images, mean, std))


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "off_by"), [("mnist", 6e-5), ("cifar10", 6e-5), ("tiny_imagenet", 4e-3)])
def test_the_constants_are_those_of_the_training_images(real_data: Path, name, off_by: float):
    """Tiny-ImageNet-200 is there in part, so its constants can only be near."""
    dataset = load(name, real_data)
    for channel, (mean, std) in enumerate(zip(dataset.mean, dataset.std, strict=True)):
        shares = torch.bincount(dataset.train_images[:, channel].flatten(), minlength=256).double()
        shares /= shares.sum()
        values = torch.arange(256).double() / 255
        found = (shares * values).sum()
        assert found.item() == pytest.approx(mean, abs=off_by)
        assert (shares * (values - found) ** 2).sum().sqrt().item() == pytest.approx(std, abs=off_by)
