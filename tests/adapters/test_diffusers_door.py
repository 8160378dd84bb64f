"""The diffusers door on tiny pipelines of the public classes: everything is read from their configs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file, save_file
from tests import tiny

from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.schedule import DiscreteSchedule
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

LABELS = ("airplane", "bear", "cat")


def door(folder: Path) -> DiffusersDenoiser:
    denoiser = load_denoiser(str(folder), revision=None, dtype=torch.float32, device=torch.device("cpu"))
    assert isinstance(denoiser, DiffusersDenoiser)
    return denoiser


@pytest.fixture(scope="module", params=["sd-epsilon", "sd-v", "deepfloyd", "pixart"])
def saved(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "sd-epsilon":
            tiny.save_stable_diffusion(folder, "epsilon")
        case "sd-v":
            tiny.save_stable_diffusion(folder, "v_prediction")
        case "deepfloyd":
            tiny.save_deepfloyd(folder)
        case "pixart":
            tiny.save_pixart(folder)
    return request.param, folder


def test_a_t5_tokenizer_is_read_as_it_is_published(tmp_path: Path) -> None:
    # As sentencepiece saved it, without the tokenizer.json of newer libraries.
    tiny.save_deepfloyd(tmp_path)
    for path in (tmp_path / "tokenizer").iterdir():
        path.unlink()
    model = io.BytesIO()
    lines = ["A bad photo of a cat.", "A bad photo of a truck.", "A bad photo of a clock."] * 30
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, vocab_size=20, minloglevel=2,
        pad_id=0, eos_id=1, unk_id=2, bos_id=-1,
    )  # fmt: skip
    (tmp_path / "tokenizer" / "spiece.model").write_bytes(model.getvalue())
    (tmp_path / "tokenizer" / "tokenizer_config.json").write_text(
        '{"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "model_max_length": 77}'
    )
    index = json.loads((tmp_path / "model_index.json").read_text())
    index["tokenizer"] = ["transformers", "T5Tokenizer"]
    (tmp_path / "model_index.json").write_text(json.dumps(index))
    classifier = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=2))
    scores = classifier.score(world_set("original", 16, 1).stimuli[:1], ["cat", "truck", "clock"])
    assert len(set(scores.log_evidence[0].tolist())) == 3


def test_everything_is_read_from_the_configs(saved: tuple[str, Path]) -> None:
    name, folder = saved
    denoiser = door(folder)
    expected = {
        "sd-epsilon": ("eps", 32, (4, 16, 16)),
        "sd-v": ("v", 32, (4, 16, 16)),
        "deepfloyd": ("eps", 16, (3, 16, 16)),
        "pixart": ("v", 16, (3, 16, 16)),
    }
    assert (denoiser.prediction, denoiser.resolution, denoiser.shape) == expected[name]
    assert isinstance(denoiser.schedule, DiscreteSchedule)
    assert denoiser.schedule.alphas_cumprod.dtype == np.float64


def test_it_classifies_through_the_front_door(saved: tuple[str, Path]) -> None:
    _, folder = saved
    classifier = load_classifier(str(folder), Options(policy="fixed-grid", max_draws=3, batch_size=7))
    assert isinstance(classifier, DiffusionClassifier)
    found = classifier.score(world_set("original", 3, 0).stimuli, LABELS)
    assert found.evaluations.tolist() == [9, 9, 9]  # 3 draws × 3 labels
    assert np.isfinite(found.log_evidence).all()
    # Different prompts must get different errors: with equal ones the text never reached the network.
    assert all(len(set(row)) == 3 for row in found.log_evidence.tolist())
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1)


def test_the_error_of_one_draw_by_hand(saved: tuple[str, Path]) -> None:
    # The same draw, worked out with the pipeline's own scheduler and network, without this package's classifier.
    name, folder = saved
    denoiser = door(folder)
    stimulus = world_set("original", 1, 0).stimuli[0]
    classifier = load_classifier(str(folder), Options(policy="fixed-grid", max_draws=1))
    found = classifier.score([stimulus], LABELS).evidence[0]

    from reconstrue.classifiers.generative.draws import draw_noise
    from reconstrue.classifiers.pictures import to_square

    pipeline, scheduler = denoiser.pipeline, denoiser.pipeline.scheduler
    step = round(found.t[0] * 1000) - 1  # t = (n + 1) / T
    with torch.inference_mode():
        pixels = to_square(stimulus.read(), denoiser.resolution)[None] * 2 - 1
        x = pixels
        if name.startswith("sd"):
            x = pipeline.vae.encode(pixels).latent_dist.mean * pipeline.vae.config.scaling_factor
        eps = torch.from_numpy(draw_noise(0, stimulus.image_id, 0, tuple(x.shape[1:])))[None]
        x_t = scheduler.add_noise(x, eps, torch.tensor([step]))
        told = denoiser.condition(["A bad photo of a airplane."])
        answer = denoiser.predict(x_t, np.array([float(step)]), told)
        alpha_bar = scheduler.alphas_cumprod[step]
        if denoiser.prediction == "eps":
            x_hat = (x_t - (1 - alpha_bar).sqrt() * answer) / alpha_bar.sqrt()
        else:
            x_hat = alpha_bar.sqrt() * x_t - (1 - alpha_bar).sqrt() * answer
        if not name.startswith("sd"):  # pixel models clip x̂ to the range of pictures, as their schedulers say
            x_hat = x_hat.clamp(-1, 1)
    np.testing.assert_allclose(found.error[0, 0], float((x - x_hat).square().sum()), rtol=2e-3)


def test_the_learned_variance_is_dropped(tmp_path: Path) -> None:
    pipeline = tiny.save_deepfloyd(tmp_path)
    denoiser = door(tmp_path)
    x_t = torch.zeros(1, 3, 16, 16)
    told = denoiser.condition(["a duck"])
    answer = denoiser.predict(x_t, np.array([10.0]), told)
    with torch.inference_mode():
        raw = pipeline.unet.eval()(x_t, torch.tensor([10]), encoder_hidden_states=told.tensors["states"]).sample
    assert raw.shape[1] == 6
    torch.testing.assert_close(answer, raw[:, :3])


def test_latents_are_the_posterior_mean_scaled_and_shifted(tmp_path: Path) -> None:
    pipeline = tiny.save_stable_diffusion(tmp_path, "epsilon", shift=0.25)
    denoiser = door(tmp_path)
    pictures = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        mean = pipeline.vae.eval().encode(pictures * 2 - 1).latent_dist.mean
        found = denoiser.encode(pictures)
        torch.testing.assert_close(found, (mean - 0.25) * 0.5)  # scaling_factor 0.5, shift_factor 0.25
        torch.testing.assert_close(denoiser.decode(found), (pipeline.vae.decode(mean).sample / 2 + 0.5).clamp(0, 1))


def test_no_vae_means_pixels(tmp_path: Path) -> None:
    tiny.save_pixart(tmp_path)
    assert json.loads((tmp_path / "model_index.json").read_text())["vae"] == [None, None]
    pictures = torch.rand(1, 3, 16, 16)
    denoiser = door(tmp_path)
    torch.testing.assert_close(denoiser.encode(pictures), pictures * 2 - 1)
    torch.testing.assert_close(denoiser.decode(pictures * 2 - 1), pictures)


def test_no_step_of_a_cosine_schedule_outweighs_the_others(tmp_path: Path) -> None:
    # ε of the last step is divided by α = 5e-5: without clipping x̂ the smallest error there would decide everything.
    tiny.save_deepfloyd(tmp_path)
    classifier = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=64))
    assert isinstance(classifier, DiffusionClassifier)
    assert classifier.denoiser.x_limit == 1.0
    found = classifier.score(world_set("original", 1, 0).stimuli, LABELS[:2]).evidence[0]
    terms = found.weight * found.error[:, 0]
    assert terms[found.t > 0.9].sum() < 0.2 * terms.sum()
    assert found.error.max() <= 4 * 3 * 16 * 16  # (1 − (−1))² in every value


def test_latents_are_not_clipped(tmp_path: Path) -> None:
    tiny.save_stable_diffusion(tmp_path, "epsilon")
    assert door(tmp_path).x_limit is None


def test_a_network_that_overflows_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.save_pixart(tmp_path)
    classifier = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=1))
    assert isinstance(classifier, DiffusionClassifier)
    monkeypatch.setattr(classifier.denoiser, "predict", lambda x_t, t, told: torch.full_like(x_t, torch.nan))
    with pytest.raises(UserError, match="is not a number; try --dtype float32"):
        classifier.score(world_set("original", 1, 0).stimuli, LABELS)


def test_labels_that_the_model_reads_alike_are_refused(tmp_path: Path) -> None:
    tiny.save_pixart(tmp_path)  # its tokenizer lowers capitals
    classifier = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=1))
    with pytest.raises(UserError, match="reads 'A bad photo of a cat.' and 'A bad photo of a Cat.' alike"):
        classifier.score(world_set("original", 1, 0).stimuli, ("cat", "Cat"))


@pytest.mark.parametrize(
    ("part", "file"),
    [("transformer", "diffusion_pytorch_model.safetensors"), ("text_encoder", "model.safetensors")],
)
def test_a_missing_tensor_is_never_made_up(tmp_path: Path, part: str, file: str) -> None:
    tiny.save_pixart(tmp_path)
    path = tmp_path / part / file
    tensors = load_file(path)
    del tensors[sorted(tensors)[-1]]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(UserError, match="weights are missing"):
        load_classifier(str(tmp_path))


def test_truncated_weights_are_named(tmp_path: Path) -> None:
    tiny.save_pixart(tmp_path)
    path = tmp_path / "transformer" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(UserError, match="cannot load this model"):
        load_classifier(str(tmp_path))


def test_an_unknown_pipeline_class_is_named(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipelin"}')
    with pytest.raises(UserError, match="did you mean 'StableDiffusionPipeline'"):
        load_classifier(str(tmp_path))


def test_a_broken_index_and_missing_weights_are_named(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text("{")
    with pytest.raises(UserError, match=r"model_index\.json: not valid JSON"):
        load_classifier(str(tmp_path))
    folder = tmp_path / "pixart"
    tiny.save_pixart(folder)
    (folder / "transformer" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(UserError, match="cannot load this model"):
        load_classifier(str(folder))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    tiny.save_pixart(tmp_path)
    weights = tmp_path / "transformer" / "diffusion_pytorch_model.safetensors"
    torch.save({}, weights.with_name("diffusion_pytorch_model.bin"))
    weights.unlink()
    with pytest.raises(UserError, match="cannot load this model"):
        load_classifier(str(tmp_path))


def test_bfloat16_weights_keep_float32_errors(tmp_path: Path) -> None:
    # In half precision different prompts got identical errors; with float32 sums they stay apart.
    tiny.save_pixart(tmp_path)
    classifier = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=2, dtype="bfloat16"))
    found = classifier.score(world_set("original", 2, 0).stimuli, LABELS)
    exact = load_classifier(str(tmp_path), Options(policy="fixed-grid", max_draws=2))
    wanted = exact.score(world_set("original", 2, 0).stimuli, LABELS)
    assert found.log_evidence.dtype == np.float64
    np.testing.assert_allclose(found.log_evidence, wanted.log_evidence, rtol=0.02)
