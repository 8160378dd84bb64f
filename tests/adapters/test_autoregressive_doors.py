"""Models of image tokens: every token is predicted from the prompt and the tokens before it, and from nothing else."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tests import tiny_autoregressive as tiny
from torch import Tensor
from transformers import AutoTokenizer, Emu3Processor, JanusProcessor

from reconstrue.classifiers.adapters.image_tokens import VQTokenizer
from reconstrue.classifiers.adapters.transformers.emu3 import Emu3Model
from reconstrue.classifiers.adapters.transformers.encoder_decoder import EncoderDecoderModel
from reconstrue.classifiers.adapters.transformers.janus import JanusModel
from reconstrue.classifiers.generative.autoregressive import AutoregressiveClassifier, TokenModel
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.options import Options
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.stimuli.world.sets import world_set

CPU = torch.device("cpu")
LABELS = ("airplane", "bear", "cat")
# Of different lengths, so that the shorter one is padded.
PROMPTS = ("A bad photo of a airplane.", "cat")
KINDS = ("bart", "t5", "janus", "emu3")
READERS: dict[str, Callable[..., TokenModel]] = {
    "bart": EncoderDecoderModel,
    "t5": EncoderDecoderModel,
    "janus": JanusModel,
    "emu3": Emu3Model,
}


@dataclass(frozen=True)
class Saved:
    """A tiny model: its folder, and the published class that was saved there."""

    kind: str
    folder: Path
    network: Any

    def read(self, dtype: torch.dtype = torch.float32) -> Any:
        return READERS[self.kind](str(self.folder), revision=None, dtype=dtype, device=CPU)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Saved]:
    made = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        match kind:
            case "janus":
                network = tiny.save_janus(folder)
            case "emu3":
                network = tiny.save_emu3(folder)
            case _:
                network = tiny.save_tokens(folder, kind)
        made[kind] = Saved(kind, folder, network)
    return made


@pytest.fixture(scope="module")
def models(saved: dict[str, Saved]) -> dict[str, Any]:
    """Read once, for tests that change nothing."""
    return {kind: one.read() for kind, one in saved.items()}


def read(folder: Path) -> Any:
    return EncoderDecoderModel(str(folder), revision=None, dtype=torch.float32, device=CPU)


def likelihoods(model: TokenModel, tokens: Tensor, prompts: tuple[str, ...] = PROMPTS) -> Tensor:
    """log p(tokens | prompt), (prompts, images), all in one batch."""
    told = model.condition(prompts)
    prompt = torch.arange(len(prompts)).repeat_interleave(len(tokens))
    return model.log_likelihood(tokens.repeat(len(prompts), 1), told.rows(prompt)).reshape(len(prompts), -1)


def some_tokens(kind: str, model: TokenModel) -> Tensor:
    codes = {"bart": 3, "t5": 3, "janus": 24, "emu3": 5}[kind]
    return torch.randint(codes, (3, model.tokens), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("kind", ["bart", "t5"])
def test_the_probabilities_of_all_pictures_sum_to_one(kind: str, models: dict[str, Any]) -> None:
    # 3 codes at 4 places: 81 pictures, and no other answer is possible: no end token, no text, no other length.
    everything = torch.tensor(list(itertools.product(range(3), repeat=4)))
    found = likelihoods(models[kind], everything).exp()
    assert found.shape == (2, 81)
    np.testing.assert_allclose(found.sum(dim=1), 1, atol=1e-5)
    # Neither uniform nor deaf to the prompt.
    assert found.max() > 2 / 81
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_the_probabilities_of_all_pictures_sum_to_one_with_emu3(models: dict[str, Any]) -> None:
    # 5 codes at 4 places, and a line token after every second one that must cost nothing.
    found = likelihoods(models["emu3"], torch.tensor(list(itertools.product(range(5), repeat=4)))).exp()
    assert found.shape == (2, 625)
    np.testing.assert_allclose(found.sum(dim=1), 1, atol=1e-5)


@torch.inference_mode()
def test_the_probabilities_of_the_last_code_sum_to_one_with_janus(
    saved: dict[str, Saved], models: dict[str, Any]
) -> None:
    # 24 codes at 9 places are too many pictures, but Σ p(first eight, last) over the last code is p(first eight).
    start = some_tokens("janus", models["janus"])[0]
    ends = start.repeat(24, 1)
    ends[:, -1] = torch.arange(24)
    found = likelihoods(models["janus"], ends).logsumexp(dim=1)
    first = [slow_janus(saved["janus"], prompt, start)[:-1].sum() for prompt in PROMPTS]
    np.testing.assert_allclose(found, torch.stack(first), rtol=1e-4)


def slow_encoder_decoder(saved: Saved, prompt: str, tokens: Tensor) -> Tensor:
    """log p of each token, from one forward of the published class for each prefix, without padding."""
    told = AutoTokenizer.from_pretrained(saved.folder / "tokenizer")([prompt], return_tensors="pt")
    prefix = [saved.network.config.decoder_start_token_id]
    found = []
    for token in tokens.tolist():
        logits = saved.network(
            input_ids=told.input_ids,
            attention_mask=told.attention_mask,
            decoder_input_ids=torch.tensor([prefix]),
        ).logits[0, -1]
        # Three codes from id 50.
        found.append(logits[50:53].double().log_softmax(-1)[token])
        prefix.append(50 + token)
    return torch.stack(found)


def slow_janus(saved: Saved, prompt: str, tokens: Tensor) -> Tensor:
    """The same for Janus: the processor's own prompt for image generation, then code by code."""
    network, processor = saved.network, JanusProcessor.from_pretrained(saved.folder)
    ids = processor(text=[f"user : {prompt} assistant :"], generation_mode="image", return_tensors="pt").input_ids
    assert ids[0, -1] == processor.tokenizer.convert_tokens_to_ids("<begin_of_image>")
    embedded = network.get_input_embeddings()(ids)
    found = []
    for token in tokens.tolist():
        last = network.model.language_model(inputs_embeds=embedded).last_hidden_state[0, -1]
        found.append(network.model.generation_head(last).double().log_softmax(-1)[token])
        step = network.prepare_embeddings_for_image_generation(torch.tensor([[token]]))
        embedded = torch.cat([embedded, step], dim=1)
    return torch.stack(found)


def slow_emu3(saved: Saved, prompt: str, tokens: Tensor) -> Tensor:
    """The same for Emu3: its processor's prompt with the size header, a line token after each row of two."""
    processor = Emu3Processor.from_pretrained(saved.folder)
    ids = processor(
        text=[prompt], return_for_image_generation=True, ratio="1:1", image_area=256, return_tensors="pt"
    ).input_ids
    names = [f"<|visual token {code:06d}|>" for code in range(5)]
    visual = torch.tensor(processor.tokenizer.convert_tokens_to_ids(names))
    line = processor.tokenizer.convert_tokens_to_ids("<|extra_200|>")
    found = []
    for i, token in enumerate(tokens.tolist()):
        logits = saved.network(input_ids=ids).logits[0, -1]
        found.append(logits[visual].double().log_softmax(-1)[token])
        following = [int(visual[token])] + ([line] if i % 2 else [])
        ids = torch.cat([ids, torch.tensor([following])], dim=1)
    return torch.stack(found)


SLOW = {"bart": slow_encoder_decoder, "t5": slow_encoder_decoder, "janus": slow_janus, "emu3": slow_emu3}


@pytest.mark.parametrize("kind", KINDS)
@torch.inference_mode()
def test_one_forward_gives_what_token_by_token_gives(
    kind: str, saved: dict[str, Saved], models: dict[str, Any]
) -> None:
    tokens = some_tokens(kind, models[kind])[:2]
    found = likelihoods(models[kind], tokens)
    slow = torch.stack([torch.stack([SLOW[kind](saved[kind], p, t).sum() for t in tokens]) for p in PROMPTS])
    np.testing.assert_allclose(found, slow, rtol=1e-4)
    assert len(set(found.flatten().tolist())) == 4


@pytest.mark.parametrize("kind", ["bart", "t5", "emu3"])
def test_what_the_model_thinks_of_text_changes_nothing(kind: str, saved: dict[str, Saved]) -> None:
    model = saved[kind].read()
    tokens = some_tokens(kind, model)
    before = likelihoods(model, tokens)
    network = model.network if kind == "emu3" else model._transformer
    if kind == "emu3":
        image = torch.tensor([network.model.vocabulary_mapping.img2bpe[code] for code in range(5)])
    else:
        image = torch.arange(50, 53)
    text = torch.full((network.lm_head.out_features,), 100.0)
    text[image] = 0
    network.lm_head.register_forward_hook(lambda module, seen, logits: logits + text)
    np.testing.assert_array_equal(likelihoods(model, tokens), before)


@pytest.mark.parametrize("kind", KINDS)
def test_it_classifies_through_the_front_door(kind: str, saved: dict[str, Saved]) -> None:
    classifier = load_classifier(str(saved[kind].folder), Options(batch_size=7), name="tiny")
    assert isinstance(classifier, AutoregressiveClassifier)
    stimuli = world_set("original", 3, 0).stimuli
    found = classifier.score(stimuli, LABELS)
    assert found.evaluations.tolist() == [3, 3, 3]
    assert (found.log_evidence < 0).all()
    # Different prompts must get different answers: with equal ones the text never reached the network.
    assert all(len(set(row)) == 3 for row in found.log_evidence.tolist())
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1)
    assert classifier.settings()["kind"] == "autoregressive"
    assert len(str(classifier.settings()["weights"])) == 64
    # Other batches are rounded otherwise, and no more than that.
    alone = AutoregressiveClassifier(classifier.model, name="tiny", batch_size=1).score(stimuli, LABELS)
    np.testing.assert_allclose(found.log_evidence, alone.log_evidence, rtol=1e-4)
    single = classifier.score(stimuli[1:2], LABELS)
    np.testing.assert_allclose(found.log_evidence[1:2], single.log_evidence, rtol=1e-4)


@pytest.mark.parametrize("kind", ["janus", "emu3"])
def test_size_and_filter_are_the_processors_own(kind: str, models: dict[str, Any]) -> None:
    model = models[kind]
    assert (model.resolution, model.tokens) == {"janus": (12, 9), "emu3": (16, 4)}[kind]
    assert model.interpolation == "bilinear"


@pytest.mark.parametrize("kind", ["janus", "emu3"])
def test_the_picture_tokenizer_stays_float32(kind: str, saved: dict[str, Saved], models: dict[str, Any]) -> None:
    model, exact = saved[kind].read(torch.bfloat16), models[kind]
    assert model.network.dtype == torch.bfloat16
    for name, weight in model.network.model.vqmodel.state_dict().items():
        assert torch.equal(weight, exact.network.model.vqmodel.state_dict()[name]), name
    pictures = torch.stack([to_square(s.read(), model.resolution) for s in world_set("original", 4, 0).stimuli])
    assert torch.equal(model.encode(pictures), exact.encode(pictures))
    tokens = exact.encode(pictures)
    np.testing.assert_allclose(likelihoods(model, tokens), likelihoods(exact, tokens), rtol=0.1)


def pictures(side: int) -> Tensor:
    return torch.rand(4, 3, side, side, generator=torch.Generator().manual_seed(2))


@torch.inference_mode()
def test_janus_codes_are_those_of_the_smallest_angle(saved: dict[str, Saved]) -> None:
    model = saved["janus"].read()
    vq = model.network.model.vqmodel
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.5, 0.4, 0.3], [0.5, 0.4, 0.3]))
    latents = vq.quant_conv(vq.encoder((pictures(12) - mean) / deviation))
    codes = model.encode(pictures(12))
    for place, (row, column) in enumerate(itertools.product(range(3), repeat=2)):
        cosine = torch.cosine_similarity(latents[:, None, :, row, column], vq.quantize.embedding.weight[None], dim=-1)
        assert torch.equal(codes[:, place], cosine.argmax(dim=1))
    assert len(codes.unique()) > 3
    # The length of a code's vector has no say.
    vq.quantize.embedding.weight.mul_(torch.linspace(0.1, 10, 24)[:, None])
    assert torch.equal(model.encode(pictures(12)), codes)


@torch.inference_mode()
def test_emu3_reads_the_ids_that_its_own_class_makes_of_a_picture(saved: dict[str, Saved]) -> None:
    model = saved["emu3"].read()
    mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.5, 0.4, 0.3], [0.5, 0.4, 0.3]))
    own = model.network.model.get_image_tokens((pictures(16) - mean) / deviation, torch.full((4, 2), 16))
    fed: list[Tensor] = []
    model.network.get_input_embeddings().register_forward_hook(lambda module, seen, answer: fed.append(seen[0]))
    codes = model.encode(pictures(16))
    model.log_likelihood(codes, model.condition(("cat",)).rows(torch.zeros(4, dtype=torch.long)))
    # Two rows of two and their line tokens, the last of which no code follows.
    assert torch.equal(fed[0][:, -5:], own.reshape(4, 6)[:, :-1])
    assert len(codes.unique()) > 1


def test_a_vq_model_is_read_in_float32_and_its_own_range() -> None:
    torch.manual_seed(0)
    exact = tiny.vq(8, 16, halvings=2)
    seen = pictures(16)
    with torch.inference_mode():
        for low, high in ((-1.0, 1.0), (0.0, 1.0)):
            wanted = exact.quantize(exact.encode(low + (high - low) * seen).latents)[2][2].reshape(4, 16)
            assert torch.equal(VQTokenizer(exact, CPU, input_range=(low, high)).encode(seen), wanted)
        tokenizer = VQTokenizer(exact, CPU)
        assert (tokenizer.resolution, tokenizer.grid, tokenizer.codes) == (16, (4, 4), 8)
        tokens = tokenizer.encode(seen)
        assert len(tokens.unique()) > 2
        latents = exact.quantize.embedding(tokens).reshape(4, 4, 4, 4).movedim(-1, 1)
        decoded = exact.decode(latents, force_not_quantize=True).sample / 2 + 0.5
        np.testing.assert_allclose(tokenizer.decode(tokens), decoded.clamp(0, 1), atol=1e-5)
        half = VQTokenizer(tiny.vq(8, 16, halvings=2).half(), CPU)
        assert half.encode(seen).shape == (4, 16)
        assert half.decode(half.encode(seen)).dtype == torch.float32
    assert VQTokenizer(exact, CPU, resolution=32).grid == (8, 8)


def test_a_folder_states_the_range_of_its_pictures(tmp_path: Path) -> None:
    tiny.save_tokens(tmp_path)
    path = tmp_path / "transformer" / "config.json"
    config = json.loads(path.read_text())
    assert (config["image_token_offset"], config["image_input_range"]) == (50, [-1.0, 1.0])
    seen = pictures(4)
    # A picture in [0.5, 1] on the range [−1, 1] is the same to the network as twice the picture minus 1 on [0, 1].
    wide = read(tmp_path).encode(seen / 2 + 0.5)
    config["image_input_range"] = [0.0, 1.0]
    path.write_text(json.dumps(config))
    assert torch.equal(read(tmp_path).encode(seen), wide)


def test_an_offset_that_leaves_no_room_is_named(tmp_path: Path) -> None:
    tiny.save_tokens(tmp_path)
    path = tmp_path / "transformer" / "config.json"
    config = json.loads(path.read_text())
    # 54 ids: 50, 51 and 52 are codes; from 52 on there is room for two only.
    for offset, said in ((52, "is 52, but must leave room for 3 codes in a vocabulary of 54"), (None, "is None")):
        path.write_text(json.dumps({**config, "image_token_offset": offset}))
        with pytest.raises(UserError, match=f"image_token_offset of the transformer's config.json {said}"):
            load_classifier(str(tmp_path))


@pytest.mark.parametrize("part", ["transformer", "vqvae", "tokenizer"])
def test_a_missing_part_is_named(part: str, tmp_path: Path) -> None:
    tiny.save_tokens(tmp_path)
    for path in (tmp_path / part).iterdir():
        path.unlink()
    with pytest.raises(UserError, match=f"{tmp_path}: cannot load this model"):
        load_classifier(str(tmp_path))


def test_weights_that_would_be_random_are_refused(tmp_path: Path) -> None:
    tiny.save_tokens(tmp_path)
    path = tmp_path / "transformer" / "model.safetensors"
    weights = load_file(path)
    del weights["model.decoder.layers.0.fc1.weight"]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(UserError, match="weights are missing, and would be random"):
        load_classifier(str(tmp_path))


def test_another_class_of_pipeline_is_still_named(tmp_path: Path) -> None:
    tiny.save_tokens(tmp_path)
    (tmp_path / "model_index.json").write_text('{"_class_name": "EncoderDecoderPipeline"}')
    with pytest.raises(UserError, match="EncoderDecoderPipeline"):
        load_classifier(str(tmp_path))


def test_a_janus_without_its_prompt_format_is_refused(tmp_path: Path) -> None:
    tiny.save_janus(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(UserError, match=r"chat_template\.jinja is missing"):
        load_classifier(str(tmp_path))


def test_an_emu3_that_lacks_a_visual_token_is_refused(tmp_path: Path) -> None:
    tiny.save_emu3(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    del config["vocabulary_map"]["<|visual token 000002|>"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="lacks the line token or some of 5 visual tokens"):
        load_classifier(str(tmp_path))
