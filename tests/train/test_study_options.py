"""The options that the controlled study varies: the noise and resolution of a supervised model, the loss's space, the captions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoImageProcessor

from reconstrue.classifiers.generative.schedule import LogSnrSchedule
from reconstrue.errors import UserError
from reconstrue.seeding import stream
from reconstrue.stimuli.categories import CATEGORIES
from reconstrue.stimuli.world.sets import world_picture
from reconstrue.train.captions import TEMPLATES, make_captions
from reconstrue.train.diffusion import add_noise
from reconstrue.train.recipe import load_recipe
from reconstrue.train.resnet import _noised, _shrunk, train
from reconstrue.train.run import train_recipe
from reconstrue.trials.store import exclusive


@pytest.mark.parametrize("signal", [(0.0, 1.0), (0.5, 1.0), (0.5, 0.5), (0.0, 0.5)])
def test_u_is_uniform_in_its_range(signal: tuple[float, float]) -> None:
    # Pixels so large that noise of variance 1 − u is nothing beside them: u is (x' / x)².
    shown = _noised(torch.full((4000, 1, 2, 2), 1e4), stream(0, "u"), signal)
    u = (shown.mean(dim=(1, 2, 3)) / 1e4).square().numpy()
    low, high = signal
    assert u.min() >= low - 1e-3 and u.max() <= high + 1e-3
    assert u.mean() == pytest.approx((low + high) / 2, abs=0.02)
    assert u.var() == pytest.approx((high - low) ** 2 / 12, abs=0.005)


def test_the_range_of_the_paper_is_what_it_was() -> None:
    x = torch.linspace(-1, 1, 48).reshape(4, 3, 2, 2)
    rng = stream(5, "noise", 0)
    u = torch.from_numpy(rng.random((4, 1, 1, 1), dtype=np.float32))
    wanted = u.sqrt() * x + (1 - u).sqrt() * torch.from_numpy(rng.standard_normal((4, 3, 2, 2), dtype=np.float32))
    assert torch.equal(_noised(x, stream(5, "noise", 0), (0.0, 1.0)), wanted)


def test_the_loss_can_be_of_another_space() -> None:
    """Of a v-network under a variance-preserving schedule, ‖x − x̂‖² is σ² and ‖ε − ε̂‖² is α² times ‖v − v̂‖²."""
    x, schedule = torch.zeros(8, 1, 2, 2), LogSnrSchedule()
    weights = {space: add_noise(x, schedule, "v", stream(1, "t"), space).weight for space in ("v", "x", "eps")}
    t = (np.arange(8) + stream(1, "t").random(8)) / 8
    alpha, sigma = schedule.alpha_sigma(t)
    torch.testing.assert_close(weights["v"], torch.ones(8))
    torch.testing.assert_close(weights["x"], torch.from_numpy(sigma**2).float())
    torch.testing.assert_close(weights["eps"], torch.from_numpy(alpha**2).float())
    assert torch.equal(add_noise(x, schedule, "v", stream(1, "t")).weight, weights["v"]), "v unless stated"


def test_a_model_can_learn_labels_alone() -> None:
    few, many = make_captions(CATEGORIES, ["{label}"]), make_captions(CATEGORIES)
    assert len(few.ids) == len(CATEGORIES) + 1 and len(many.ids) == len(CATEGORIES) * len(TEMPLATES) + 1
    labels = torch.arange(16)
    assert torch.equal(few.choose(labels, stream(0, "c"), leave_out=False), labels)
    assert few.tokenizer.decode(few.ids[3], skip_special_tokens=True) == CATEGORIES[3]
    assert len(few.tokenizer) < len(many.tokenizer), "it knows no other words"


def test_a_shrunk_model_is_asked_as_it_learnt(tmp_path: Path) -> None:
    """The saved preprocessor makes of a 64 px picture the very pixels that the training showed."""
    recipe = load_recipe("pocket-resnet")
    small = {"widths": [8, 8, 8, 8], "depths": [1, 1, 1, 1], "noise": False, "shown": 16}
    recipe = replace(recipe, steps=1, warmup=1, batch_size=2, pictures=2, model=small)
    picture = world_picture("original", "cat", "cat", 5, 1)
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None].repeat(2, 1, 1, 1).contiguous()
    (tmp_path / "pictures").mkdir()
    save_file({"pixels": pixels}, tmp_path / "pictures" / "original-1000-2-64.safetensors")
    train(recipe, work=tmp_path / "work", out=tmp_path / "model", say=lambda _: None)
    processor = AutoImageProcessor.from_pretrained(tmp_path / "model")
    asked = processor(Image.fromarray(picture), return_tensors="pt")["pixel_values"]
    shown = _shrunk(pixels, 16)[:1].float() / 127.5 - 1
    assert shown.shape == (1, 3, 16, 16)
    torch.testing.assert_close(asked, shown, atol=1e-5, rtol=0)


def test_a_training_is_alone_and_says_only_its_own_lines(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recipe = load_recipe("pocket-pixel")
    small = {**recipe.model, "heads": 2, "head_width": 16, "layers": 1, "patch": 16}
    recipe = replace(recipe, name="small", steps=1, warmup=1, batch_size=2, pictures=2, model=small)
    (tmp_path / "pictures").mkdir()
    pixels = torch.zeros(2, 3, 64, 64, dtype=torch.uint8)
    save_file({"pixels": pixels}, tmp_path / "pictures" / "original-1000-2-64.safetensors")
    said: list[str] = []
    with (
        exclusive(tmp_path / "small", said.append),
        pytest.raises(UserError, match="small: another run is at work here; wait for its end, or give another --work"),
    ):
        train_recipe(recipe, out=tmp_path / "model", work=tmp_path, say=said.append)
    train_recipe(recipe, out=tmp_path / "model", work=tmp_path, say=said.append)
    assert said and capfd.readouterr() == ("", "")
