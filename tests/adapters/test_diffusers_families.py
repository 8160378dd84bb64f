"""The families of the diffusers door: each network is asked exactly as its own pipeline asks it."""

from __future__ import annotations

import inspect
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DDPMScheduler, DiffusionPipeline, DPMSolverMultistepScheduler, FlowMatchEulerDiscreteScheduler
from huggingface_hub.errors import (
    GatedRepoError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from tests import tiny

from reconstrue.classifiers import load
from reconstrue.classifiers.adapters.diffusers import loading, prx
from reconstrue.classifiers.adapters.diffusers.base import DiffusersDenoiser
from reconstrue.classifiers.adapters.diffusers.loading import load_denoiser
from reconstrue.classifiers.cards import Card, load_cards
from reconstrue.classifiers.generative.diffusion import DiffusionClassifier
from reconstrue.classifiers.generative.draws import draw_noise
from reconstrue.classifiers.generative.schedule import FlowSchedule
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

LABELS = ("airplane", "bear", "cat")
PROMPT = "A bad photo of a airplane."
# name: how it is saved; prediction, resolution and shape as its configs say; its sampler's arguments for one plain step
# at that resolution, told no more than `PROMPT`.
FAMILIES: dict[str, tuple[Callable[[Path], Any], tuple[str, int, tuple[int, int, int]], dict[str, Any]]] = {
    "sdxl-epsilon": (lambda path: tiny.save_sdxl(path, "epsilon"), ("eps", 32, (4, 16, 16)), {}),
    "sdxl-v": (lambda path: tiny.save_sdxl(path, "v_prediction"), ("v", 32, (4, 16, 16)), {}),
    "sd3": (tiny.save_sd3, ("flow", 32, (16, 16, 16)), {}),
    "sd3-without-t5": (lambda path: tiny.save_sd3(path, with_t5=False), ("flow", 32, (16, 16, 16)), {}),
    # Flux's size is its pipeline's own, 128 latents.
    "flux-schnell": (
        lambda path: tiny.save_flux(path, guided=False),
        ("flow", 128, (1, 128, 128)),
        {"max_sequence_length": 16},
    ),
    "flux-dev": (
        lambda path: tiny.save_flux(path, guided=True),
        ("flow", 128, (1, 128, 128)),
        {"max_sequence_length": 16},
    ),
    "pixart-sigma": (
        tiny.save_pixart_sigma,
        ("eps", 32, (4, 16, 16)),
        {"max_sequence_length": 16, "clean_caption": False, "use_resolution_binning": False},
    ),
    "sana": (
        tiny.save_sana,
        ("flow", 32, (4, 8, 8)),
        {"max_sequence_length": 16, "complex_human_instruction": [], "use_resolution_binning": False},
    ),
    "prx": (tiny.save_prx, ("flow", 32, (4, 16, 16)), {"use_resolution_binning": False}),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    saved: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in saved:
            saved[name] = tmp_path_factory.mktemp(name)
            FAMILIES[name][0](saved[name])
        return saved[name]

    return folder


def door(folder: Path, dtype: torch.dtype = torch.float32, card: Card | None = None) -> DiffusersDenoiser:
    denoiser = load_denoiser(str(folder), revision=None, dtype=dtype, device=torch.device("cpu"), card=card)
    assert isinstance(denoiser, DiffusersDenoiser)
    return denoiser


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "flux-dev"])
def test_it_classifies_through_the_front_door(folders: Callable[[str], Path], name: str) -> None:
    classifier = load_classifier(str(folders(name)), Options(policy="fixed-grid", max_draws=2))
    assert isinstance(classifier, DiffusionClassifier)
    denoiser = classifier.denoiser
    assert (denoiser.prediction, denoiser.resolution, denoiser.shape) == FAMILIES[name][1]
    assert isinstance(denoiser.schedule, FlowSchedule) == (denoiser.prediction == "flow")
    found = classifier.score(world_set("original", 2, 0).stimuli, LABELS)
    assert found.evaluations.tolist() == [6, 6]  # 2 draws × 3 labels
    assert np.isfinite(found.log_evidence).all()
    # Different prompts must get different errors: with equal ones the text never reached the network.
    assert all(len(set(row)) == 3 for row in found.log_evidence.tolist())


def asked(network: Any, ask: Callable[[], object]) -> dict[str, Any]:
    """What the network is given, by the names of its parameters, while `ask` runs."""
    given: dict[str, Any] = {}

    def note(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        bound = inspect.signature(type(module).forward).bind(module, *args, **kwargs).arguments
        given.update({key: value for key, value in bound.items() if key not in ("self", "return_dict")})

    handle = network.register_forward_pre_hook(note, with_kwargs=True)
    ask()
    handle.remove()
    return given


def assert_same(found: Any, wanted: Any, at: str) -> None:
    if isinstance(wanted, Mapping):
        for key in {*wanted, *(found or {})}:
            assert_same((found or {}).get(key), wanted.get(key), f"{at}.{key}")
    elif isinstance(wanted, torch.Tensor):
        assert isinstance(found, torch.Tensor), at
        # A U-Net takes one step for all rows or one each.
        pair = [v.double().flatten() if v.numel() == 1 else v.double() for v in (found, wanted)]
        torch.testing.assert_close(*pair, rtol=1e-5, atol=1e-5, msg=lambda text: f"{at}: {text}")
    else:
        assert (found or None) == (wanted or None), at


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the samplers' own use of numpy
@pytest.mark.parametrize("name", FAMILIES)
def test_the_network_is_asked_as_its_own_pipeline_asks_it(folders: Callable[[str], Path], name: str) -> None:
    denoiser = door(folders(name))
    pipeline = denoiser.pipeline
    pipeline.set_progress_bar_config(disable=True)
    pipeline.vae.eval()
    given = asked(
        denoiser.network,
        # Guidance of 1 is none for all of them, and is what Flux' guidance embedding is told.
        lambda: pipeline(
            prompt=PROMPT,
            num_inference_steps=1,
            guidance_scale=1.0,
            height=denoiser.resolution,
            width=denoiser.resolution,
            output_type="latent",
            generator=torch.Generator().manual_seed(0),
            **FAMILIES[name][2],
        ),
    )
    x_t = given.get("hidden_states", given.get("sample"))
    if name.startswith("flux"):
        x_t = pipeline._unpack_latents(x_t, 128, 128, 1)
    step = np.array([float(pipeline.scheduler.timesteps[0])])
    ours = asked(denoiser.network, lambda: denoiser.predict(x_t, step, denoiser.condition([PROMPT])))
    assert_same(ours, given, name)


def by_hand(pipeline: Any, name: str, x: torch.Tensor, eps: torch.Tensor, t: float) -> torch.Tensor:
    """x̂ of one draw, from the pipeline's parts alone: its text encoders, network and scheduler."""
    config = dict(pipeline.scheduler.config)
    if name.startswith("sdxl"):
        step = torch.tensor([round(t * 1000) - 1])  # t = (n + 1) / T
        scheduler = DDPMScheduler.from_config(config, clip_sample=False)
        states, _, pooled, _ = pipeline.encode_prompt(PROMPT, do_classifier_free_guidance=False)
        x_t = scheduler.add_noise(x, eps, step)
        told = {"text_embeds": pooled, "time_ids": torch.tensor([[32.0, 32.0, 0.0, 0.0, 32.0, 32.0]])}
        answer = pipeline.unet(x_t, step, encoder_hidden_states=states, added_cond_kwargs=told).sample
        return scheduler.step(answer, int(step), x_t).pred_original_sample
    # A step of a flow sampler from σ = t straight to 0 ends at x̂; without a shift it starts where we want it.
    scheduler = FlowMatchEulerDiscreteScheduler.from_config(config, shift=1.0, use_dynamic_shifting=False)
    scheduler.set_timesteps(sigmas=[t])
    x_t = scheduler.scale_noise(x, scheduler.timesteps, eps)
    if name == "sd3":
        states, _, pooled, _ = pipeline.encode_prompt(PROMPT, PROMPT, PROMPT, do_classifier_free_guidance=False)
        answer = pipeline.transformer(
            x_t, encoder_hidden_states=states, pooled_projections=pooled, timestep=scheduler.timesteps
        ).sample
    else:
        states, pooled, words = pipeline.encode_prompt(PROMPT, max_sequence_length=16)
        answer = pipeline.transformer(
            pipeline._pack_latents(x_t, 1, 1, 128, 128),
            encoder_hidden_states=states,
            pooled_projections=pooled,
            timestep=scheduler.timesteps / 1000,
            img_ids=pipeline._prepare_latent_image_ids(1, 64, 64, "cpu", torch.float32),
            txt_ids=words,
            guidance=torch.ones(1),
        ).sample
        answer = pipeline._unpack_latents(answer, 128, 128, 1)
    return scheduler.step(answer, scheduler.timesteps[0], x_t).prev_sample


@pytest.mark.parametrize("name", ["sdxl-epsilon", "sdxl-v", "sd3", "flux-dev"])
def test_the_error_of_one_draw_by_hand(folders: Callable[[str], Path], name: str) -> None:
    stimulus = world_set("original", 1, 0).stimuli[0]
    classifier = load_classifier(str(folders(name)), Options(policy="fixed-grid", max_draws=1))
    found = classifier.score([stimulus], LABELS[:2]).evidence[0]
    pipeline = DiffusionPipeline.from_pretrained(folders(name))
    for part in pipeline.components.values():
        if isinstance(part, torch.nn.Module):
            part.eval()
    # tests/tiny.py: scale and shift of the latents
    scale, shift = (0.5, 0.0) if name.startswith("sdxl") else (0.7, 0.1)
    with torch.inference_mode():
        pixels = to_square(stimulus.read(), classifier.resolution)[None] * 2 - 1
        x = (pipeline.vae.encode(pixels).latent_dist.mean - shift) * scale
        eps = torch.from_numpy(draw_noise(0, stimulus.image_id, 0, tuple(x.shape[1:])))[None]
        x_hat = by_hand(pipeline, name, x, eps, float(found.t[0]))
    np.testing.assert_allclose(found.error[0, 0], float((x - x_hat).square().sum()), rtol=2e-3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "scheduler",
    [
        FlowMatchEulerDiscreteScheduler(shift=3.0),
        FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True),
        DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0),
    ],
    ids=["fixed", "by-size", "sana"],
)
def test_a_shift_moves_the_levels_visited_not_what_the_network_is_told(scheduler: Any) -> None:
    dynamic = scheduler.config.get("use_dynamic_shifting")
    scheduler.set_timesteps(10, **({"mu": 1.0} if dynamic else {}))
    sigma = scheduler.sigmas[1:-1].double().numpy()
    schedule = FlowSchedule()
    alpha, ours = schedule.alpha_sigma(sigma)
    np.testing.assert_allclose(ours, sigma)
    np.testing.assert_allclose(alpha, 1 - sigma)
    # The multistep sampler cuts 1000 σ to an integer; training did not.
    np.testing.assert_allclose(schedule.timesteps(sigma), scheduler.timesteps[1:].double().numpy(), atol=1.0)
    # The levels are not evenly spaced, so they have been shifted.
    assert np.ptp(np.diff(sigma)) > 0.01


def test_packed_latents_come_back_in_their_places(folders: Callable[[str], Path]) -> None:
    # A network that returns its input: packing and unpacking undo each other.
    denoiser = door(folders("flux-schnell"))
    x = torch.arange(128.0 * 128).reshape(1, 1, 128, 128)
    told = denoiser.condition([PROMPT])
    denoiser.network.forward = lambda hidden_states, **others: (hidden_states,)
    torch.testing.assert_close(denoiser.predict(x, np.array([500.0]), told), x)


def test_a_deterministic_autoencoder_is_scaled(folders: Callable[[str], Path]) -> None:
    denoiser = door(folders("sana"))
    pictures = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        latent = denoiser.pipeline.vae.encode(pictures * 2 - 1).latent
        found = denoiser.encode(pictures)
        torch.testing.assert_close(found, latent * 0.41407)
        torch.testing.assert_close(
            denoiser.decode(found), (denoiser.pipeline.vae.decode(latent).sample / 2 + 0.5).clamp(0, 1)
        )


def test_the_autoencoder_stays_in_float32_where_half_precision_overflows(folders: Callable[[str], Path]) -> None:
    denoiser = door(folders("sdxl-v"), torch.float16)
    assert (denoiser.pipeline.vae.dtype, denoiser.network.dtype) == (torch.float32, torch.float16)
    assert denoiser.encode(torch.rand(1, 3, 32, 32)).isfinite().all()


def test_the_older_name_of_a_patch_transformer_is_understood(folders: Callable[[str], Path], tmp_path: Path) -> None:
    # Public PixArt folders were saved when its network had the general class's name.
    folder = tmp_path / "model"
    shutil.copytree(folders("pixart-sigma"), folder)
    for name in ("model_index.json", "transformer/config.json"):
        text = (folder / name).read_text()
        (folder / name).write_text(text.replace("PixArtTransformer2DModel", "Transformer2DModel"))
    x_t, step = torch.ones(1, 4, 16, 16), np.array([500.0])
    old, new = (door(path) for path in (folder, folders("pixart-sigma")))
    torch.testing.assert_close(*(one.predict(x_t, step, one.condition([PROMPT])) for one in (old, new)))


def test_the_refiner_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionXLImg2ImgPipeline"}')
    with pytest.raises(UserError, match="unknown diffusers pipeline class 'StableDiffusionXLImg2ImgPipeline'"):
        load_classifier(str(tmp_path))


def test_prx_without_ftfy_says_how_to_get_it(folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prx, "is_ftfy_available", lambda: False)
    with pytest.raises(UserError, match="pip install ftfy"):
        door(folders("prx"))


def test_the_filter_of_a_card_resizes_its_pictures(folders: Callable[[str], Path]) -> None:
    card = load_cards()["pixart-sigma-1024"]
    assert door(folders("pixart-sigma")).interpolation == "bicubic"
    assert door(folders("pixart-sigma"), card=replace(card, interpolation="box")).interpolation == "box"


def test_the_front_door_hands_the_card_on(folders: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    own = replace(load_cards()["pixart-sigma-1024"], source=str(folders("pixart-sigma")), interpolation="box")
    monkeypatch.setattr(load, "load_cards", lambda: {own.name: own})
    classifier = load_classifier(own.name, Options(policy="fixed-grid", max_draws=1))
    assert isinstance(classifier, DiffusionClassifier)
    assert classifier.denoiser.interpolation == "box"


@pytest.mark.parametrize(("prediction", "schedule"), [("v", "DiscreteSchedule"), ("flow", "FlowSchedule")])
def test_the_prediction_of_a_card_is_used_only_where_the_file_says_none(
    folders: Callable[[str], Path], tmp_path: Path, prediction: str, schedule: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(folders("pixart-sigma"), folder)
    card = replace(load_cards()["pixart-sigma-1024"], prediction=prediction)
    assert door(folder, card=card).prediction == "eps"
    path = folder / "scheduler" / "scheduler_config.json"
    config = json.loads(path.read_text())
    del config["prediction_type"]
    path.write_text(json.dumps(config))
    assert door(folder).prediction == "eps"  # diffusers' own default
    stated = door(folder, card=card)
    assert (stated.prediction, type(stated.schedule).__name__) == (prediction, schedule)


# What the hub's errors ask of a response.
RESPONSE: Any = SimpleNamespace(headers={}, request=None)
GATED = "stable-diffusion-3-medium"
PAGE = "https://huggingface.co/stabilityai/stable-diffusion-3-medium-diffusers"
FAILURES = [
    (GATED, GatedRepoError("401", response=RESPONSE), f"accept its licence on {PAGE}, then run `hf auth login`"),
    (GATED, RepositoryNotFoundError("404", response=RESPONSE), "no such model on the hub"),
    (GATED, RevisionNotFoundError("404", response=RESPONSE), f"the hub has no revision 'main' of it; see {PAGE}"),
    (
        GATED,
        LocalEntryNotFoundError("no\nnetwork"),
        "its weights cannot be reached and there is no whole local copy (no); download the model on a machine with a network "
        f"(its licence has to be accepted first, on {PAGE}) and give its folder",
    ),
    (
        "stable-diffusion-1.5",
        OfflineModeIsEnabled("offline"),
        "be reached and there is no whole local copy (offline); download the model on a machine with a network and give",
    ),
]


@pytest.mark.parametrize("part", ["index", "weights"])
@pytest.mark.parametrize(("name", "error", "said"), FAILURES, ids=[type(error).__name__ for _, error, _ in FAILURES])
def test_a_model_that_is_not_here_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str, name: str, error: Exception, said: str
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    if part == "index":
        monkeypatch.setattr(loading, "hf_hub_download", fail)
    else:
        index = tmp_path / "model_index.json"
        index.write_text(json.dumps({"_class_name": load_cards()[name].class_name}))
        monkeypatch.setattr(loading, "hf_hub_download", lambda *args, **kwargs: str(index))
        monkeypatch.setattr(DiffusionPipeline, "from_pretrained", fail)
    assert_one_line(name, said)


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (
            LocalEntryNotFoundError("no network"),
            "its weights cannot be reached and there is no whole local copy (no network); download",
        ),
        (None, r"a part of it cannot be loaded (no file named unet.safetensors); download the model"),
    ],
)
def test_a_part_that_is_missing_offline_names_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cause: Exception | None, said: str
) -> None:
    # diffusers wraps the hub's error in one of its own, or finds a hole in what was downloaded earlier.
    index = tmp_path / "model_index.json"
    index.write_text('{"_class_name": "StableDiffusionPipeline"}')

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("no file named unet.safetensors\nsee above") from cause

    monkeypatch.setattr(loading, "hf_hub_download", lambda *args, **kwargs: str(index))
    monkeypatch.setattr(DiffusionPipeline, "from_pretrained", fail)
    assert_one_line("stable-diffusion-1.5", said)


def assert_one_line(name: str, said: str) -> None:
    card = load_cards()[name]
    with pytest.raises(UserError) as caught:
        load_denoiser(card.source, revision=card.revision, dtype=torch.float32, device=torch.device("cpu"), card=card)
    message = str(caught.value)
    assert message.startswith(f"{card.source}: ")
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize("zeros", [True, False])
def test_without_a_prompt_sdxl_is_told_what_its_own_pipeline_tells_it(
    folders: Callable[[str], Path], zeros: bool
) -> None:
    denoiser = door(folders("sdxl-epsilon"))
    denoiser.pipeline.register_to_config(force_zeros_for_empty_prompt=zeros)
    _, states, _, pooled = denoiser.pipeline.encode_prompt(PROMPT, do_classifier_free_guidance=True)
    told = denoiser.unconditional().tensors
    torch.testing.assert_close(told["states"], states)
    torch.testing.assert_close(told["pooled"], pooled)
    assert bool((states == 0).all()) == zeros
