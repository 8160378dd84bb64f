"""The door of masked-token models on a tiny folder of the public classes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.tiny_masked import CODES, save_tiny_amused

from reconstrue.classifiers.adapters.diffusers.amused import AmusedModel, load_amused
from reconstrue.classifiers.generative.masked import MaskedClassifier, Method, reconstruct_masked
from reconstrue.classifiers.generative.policies import FixedGrid
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

LABELS = ("airplane", "bear", "cat")
PROMPTS = [f"A bad photo of a {label}." for label in LABELS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("amused")
    save_tiny_amused(made)
    return made


@pytest.fixture
def spare(folder: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(folder, tmp_path / "spare"))


def door(folder: Path, dtype: torch.dtype = torch.float32) -> AmusedModel:
    return load_amused(str(folder), revision=None, dtype=dtype, device=torch.device("cpu"))


def public(folder: Path) -> object:
    """The folder as diffusers' own pipeline reads it."""
    from diffusers import AmusedPipeline
    from diffusers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        return AmusedPipeline.from_pretrained(folder, use_safetensors=True, low_cpu_mem_usage=False)
    finally:
        logging.set_verbosity(before)


def pictures(count: int = 3) -> torch.Tensor:
    return torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_sizes_are_the_transformers_not_the_vq_models(folder: Path) -> None:
    model = door(folder)
    # 4 x 4 tokens of 4 x 4 pixels; the VQModel's config says 32, as the published one does.
    assert (model.resolution, model.grid, model.tokens) == (16, (4, 4), 16)


def test_what_the_network_is_told_is_what_the_public_pipeline_tells_it(folder: Path) -> None:
    pipeline = public(folder)
    answers = []
    pipeline.transformer.register_forward_hook(lambda *call: answers.append(call[-1]))
    pipeline.set_progress_bar_config(disable=True)
    pipeline(PROMPTS, num_inference_steps=1, guidance_scale=0.0, output_type="latent")
    model = door(folder)
    everything = torch.ones(3, 16, dtype=torch.bool)
    found = model.log_probabilities(torch.zeros(3, 16, dtype=torch.long), everything, model.condition(PROMPTS))
    wanted = answers[0].log_softmax(dim=1).reshape(3, CODES, 16).transpose(1, 2)
    assert found.shape == (3, 16, CODES)
    torch.testing.assert_close(found, wanted)
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_only_shown_tokens_reach_the_network(folder: Path) -> None:
    model = door(folder)
    ids = model.encode(pictures(2))
    hidden = torch.zeros(2, 16, dtype=torch.bool)
    hidden[:, 5:] = True
    told = model.condition(PROMPTS[:2])
    found = model.log_probabilities(ids, hidden, told)
    changed = torch.where(hidden, (ids + 1) % CODES, ids)
    torch.testing.assert_close(model.log_probabilities(changed, hidden, told), found, rtol=0, atol=0)
    shown = torch.where(hidden, ids, (ids + 1) % CODES)
    assert (model.log_probabilities(shown, hidden, told) - found).abs().max() > 1e-3
    # Row by row: with only token 1 hidden, the second place of the first row of the grid carries the mask.
    seen = []
    model.transformer.register_forward_pre_hook(lambda module, call: seen.append(call[0]))
    hidden[:] = False
    hidden[0, 1] = True
    model.log_probabilities(ids, hidden, told)
    assert seen[0][0, 0, 1] == CODES + 7
    assert torch.equal(seen[0][1], ids[1].reshape(4, 4))


def test_pictures_become_tokens_as_the_public_pipelines_make_them(folder: Path) -> None:
    vq = public(folder).vqvae.eval()
    model = door(folder)
    with torch.inference_mode():
        # Pixels in [0, 1], as AmusedImg2ImgPipeline gives them (do_normalize=False).
        wanted = vq.quantize(vq.encode(pictures()).latents)[2][2].reshape(3, 16)
        found = model.encode(pictures())
        assert torch.equal(found, wanted)
        assert len(found.unique()) > 3
        decoded = vq.decode(found, force_not_quantize=True, shape=(3, 4, 4, 4)).sample.clip(0, 1)
    torch.testing.assert_close(model.decode(found), decoded)


@pytest.mark.parametrize(("method", "cost"), [("likelihood", 1), ("reconstruction", 8)])
def test_it_classifies(folder: Path, method: Method, cost: int) -> None:
    classifier = MaskedClassifier(door(folder), name="tiny", policy=FixedGrid(2), method=method, batch_size=7)
    found = classifier.score(world_set("original", 3, 0).stimuli, LABELS)
    # 2 draws x 3 labels; half of the 16 tokens are filled in 8 steps, one by one.
    assert found.evaluations.tolist() == [6 * cost] * 3
    assert np.isfinite(found.log_evidence).all()
    if method == "likelihood":
        assert all(len(set(row)) == 3 for row in found.log_evidence.tolist())


def test_it_reconstructs(folder: Path) -> None:
    seen = reconstruct_masked(door(folder), world_set("original", 1, 0).stimuli[0], PROMPTS, steps=4)
    assert seen.reconstructions.shape == (3, 16, 16, 3)
    assert seen.ids.shape == (4, 4)
    assert (seen.ids == -1).sum() == 8


@pytest.mark.parametrize("method", ["likelihood", "reconstruction"])
def test_it_comes_through_the_front_door(folder: Path, method: str) -> None:
    options = Options(policy="fixed-grid", max_draws=1, masked_method=method)
    classifier = load_classifier(str(folder), options, name="tiny_muse")
    assert isinstance(classifier, MaskedClassifier)
    assert classifier.name == "tiny-muse"
    assert classifier.settings()["method"] == method
    assert len(str(classifier.settings()["weights"])) == 64
    found = classifier.score(world_set("original", 1, 0).stimuli, LABELS)
    assert np.isfinite(found.log_evidence).all()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_keeps_the_pictures_and_the_sums_in_float32(folder: Path, dtype: torch.dtype) -> None:
    half, exact = door(folder, dtype), door(folder)
    assert {half.transformer.dtype, half.text_encoder.dtype} == {dtype}
    assert torch.equal(half.encode(pictures()), exact.encode(pictures()))
    torch.testing.assert_close(half.decode(half.encode(pictures())), exact.decode(exact.encode(pictures())))
    stimuli = world_set("original", 2, 0).stimuli
    found, wanted = (
        MaskedClassifier(model, name="tiny", policy=FixedGrid(2)).score(stimuli, LABELS) for model in (half, exact)
    )
    assert found.log_evidence.dtype == np.float64
    np.testing.assert_allclose(found.log_evidence, wanted.log_evidence, rtol=0.02)
    assert all(len(set(row)) == 3 for row in found.log_evidence.tolist())


def test_labels_that_the_model_reads_alike_are_refused(folder: Path) -> None:
    classifier = MaskedClassifier(door(folder), name="tiny", policy=FixedGrid(1))
    with pytest.raises(UserError, match="reads 'A bad photo of a cat.' and 'A bad photo of a Cat.' alike"):
        classifier.score(world_set("original", 1, 0).stimuli, ("cat", "Cat"))


@pytest.mark.parametrize(
    ("part", "file"),
    [
        ("transformer", "diffusion_pytorch_model.safetensors"),
        ("vqvae", "diffusion_pytorch_model.safetensors"),
        ("text_encoder", "model.safetensors"),
    ],
)
def test_a_missing_tensor_or_file_is_never_made_up(spare: Path, part: str, file: str) -> None:
    path = spare / part / file
    tensors = load_file(path)
    del tensors[sorted(tensors)[-1]]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(UserError, match="weights are missing"):
        door(spare)
    torch.save({}, path.with_suffix(".bin"))
    path.unlink()
    with pytest.raises(UserError, match="cannot load this model"):
        door(spare)


def test_parts_of_another_kind_are_named(spare: Path) -> None:
    path = spare / "model_index.json"
    index = json.loads(path.read_text())
    path.write_text(json.dumps({**index, "transformer": ["diffusers", "UNet2DModel"]}))
    with pytest.raises(UserError, match="names no UVit2DModel as transformer"):
        door(spare)


@pytest.mark.parametrize("mask_id", [CODES - 1, CODES + 8])
def test_a_mask_that_is_a_code_or_unknown_is_refused(spare: Path, mask_id: int) -> None:
    path = spare / "scheduler" / "scheduler_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mask_token_id": mask_id}))
    with pytest.raises(UserError, match=f"its parts do not fit: 16 image codes and the mask's id {mask_id}"):
        door(spare)


def test_loading_is_quiet(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    door(folder)
    seen = capfd.readouterr()
    assert (seen.out, seen.err) == ("", "")
