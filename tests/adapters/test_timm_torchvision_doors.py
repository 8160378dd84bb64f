"""timm and torchvision: logits are the libraries' own, on their own preprocessing; cards name weights that exist."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file, save_file
from tests import tiny_discriminative as tiny

from reconstrue.classifiers.adapters.timm import TimmNetwork
from reconstrue.classifiers.adapters.torchvision import TorchvisionNetwork
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.discriminative.supervised import SupervisedClassifier
from reconstrue.classifiers.load import load_classifier
from reconstrue.classifiers.pictures import to_square
from reconstrue.errors import UserError
from reconstrue.registry import resolve
from reconstrue.stimuli.categories import CATEGORIES, imagenet_classes
from reconstrue.stimuli.world.sets import world_set

STIMULI = world_set("original", 3, 0).stimuli
CPU = torch.device("cpu")


def shown(network, stimuli=STIMULI) -> torch.Tensor:
    return network.normalise(
        torch.stack([to_square(s.read(), network.resolution, network.interpolation, network.crop) for s in stimuli])
    )


def test_a_timm_folder_answers_as_its_own_forward(tmp_path: Path) -> None:
    model = tiny.save_timm(tmp_path, CATEGORIES)
    network = TimmNetwork(str(tmp_path), dtype=torch.float32, device=CPU)
    assert (network.resolution, network.crop, network.interpolation) == (64, 0.8, "bilinear")
    assert network.classes == CATEGORIES
    with torch.inference_mode():
        wanted = model(shown(network))
        torch.testing.assert_close(network.logits(shown(network)), wanted)
    found = load_classifier(str(tmp_path)).score(STIMULI, CATEGORIES)
    np.testing.assert_allclose(found.posterior, wanted.softmax(dim=1).numpy(), atol=1e-5)


def test_a_picture_is_brought_to_timms_network_as_timm_does(tmp_path: Path) -> None:
    tiny.save_timm(tmp_path, CATEGORIES)
    network = TimmNetwork(str(tmp_path), dtype=torch.float32, device=CPU)
    config = timm.data.resolve_data_config({}, model=timm.create_model(f"local-dir:{tmp_path}", pretrained=True))
    preprocess = timm.data.create_transform(**config, is_training=False)
    wanted = torch.stack([preprocess(Image.fromarray(s.read())) for s in STIMULI])
    # timm rounds to bytes between resizing and cutting out, and cuts out at whole pixels: single pixels of an edge differ.
    apart = (shown(network) - wanted).abs()
    assert apart.mean() < 0.02 and apart.quantile(0.99) < 0.2


def test_imagenet_outputs_of_timm_have_wordnet_ids(tmp_path: Path) -> None:
    tiny.save_timm(tmp_path, outputs=1000)
    network = TimmNetwork(str(tmp_path), dtype=torch.float32, device=CPU)
    assert network.classes == tuple(one.wnid for one in imagenet_classes())
    members = SupervisedClassifier(network, name="own").label_map.members
    assert [len(members[c]) for c in ("airplane", "dog", "truck")] == [1, 109, 8]


def test_a_timm_network_of_unknown_outputs_needs_a_map(tmp_path: Path) -> None:
    tiny.save_timm(tmp_path, outputs=12)
    with pytest.raises(UserError, match="was not trained on 'airplane'"):
        load_classifier(str(tmp_path)).score(STIMULI, CATEGORIES)


def test_label_names_with_gaps_keep_their_places(tmp_path: Path) -> None:
    tiny.save_timm(tmp_path, outputs=3)
    tiny.edit_config(tmp_path / "config.json", label_names={"0": "cat", "2": "dog"})
    assert TimmNetwork(str(tmp_path), dtype=torch.float32, device=CPU).classes == ("cat", "1", "dog")
    tiny.edit_config(tmp_path / "config.json", label_names=["cat", "dog"])
    with pytest.raises(UserError, match="2 label_names for 3 outputs"):
        TimmNetwork(str(tmp_path), dtype=torch.float32, device=CPU)


def test_timm_weights_that_lack_a_part_or_would_be_unpickled_are_refused(tmp_path: Path) -> None:
    tiny.save_timm(tmp_path, CATEGORIES)
    weights = tmp_path / "model.safetensors"
    tensors = load_file(weights)
    save_file({name: tensor for name, tensor in tensors.items() if name != "fc.weight"}, weights)
    with pytest.raises(UserError, match="cannot load this model"):
        load_classifier(str(tmp_path))
    torch.save(tensors, tmp_path / "pytorch_model.bin")
    weights.unlink()
    with pytest.raises(UserError, match=r"no model\.safetensors in it"):
        load_classifier(str(tmp_path))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"crop_mode": "squash"}, "crop_mode 'squash' is not supported"),
        ({"interpolation": "random"}, "interpolation 'random' is not supported"),
        ({"input_size": (3, 64, 32)}, "its input is 3 × 64 × 32, not a square colour picture"),
    ],
)
def test_timm_preprocessing_that_we_do_not_do_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    model = tiny.save_timm(tmp_path, CATEGORIES)
    timm.models.save_for_hf(
        model, tmp_path, model_config={"pretrained_cfg": change}, safe_serialization=True, data_config=change
    )
    with pytest.raises(UserError, match=says):
        load_classifier(str(tmp_path))


@pytest.fixture
def checkpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torchvision looks for weights before it fetches them."""
    monkeypatch.setattr("torch.hub._hub_dir", str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path / "checkpoints"


def place(folder: Path, name: str, content: object) -> None:
    url = torchvision.models.get_model_weights(name)["IMAGENET1K_V1"].url
    torch.save(content, folder / url.rpartition("/")[2])


def test_a_torchvision_card_answers_as_the_librarys_own_forward(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Made here, so their hash is not the published one.
    monkeypatch.setattr("reconstrue.classifiers.adapters.torchvision.refuse_altered", lambda path: None)
    torch.manual_seed(0)
    model = torchvision.models.squeezenet1_1().eval()
    place(checkpoints, "squeezenet1_1", model.state_dict())
    network = TorchvisionNetwork("squeezenet1_1:IMAGENET1K_V1", dtype=torch.float32, device=CPU)
    assert (network.resolution, network.crop, network.interpolation) == (224, 0.875, "bilinear")
    preprocess = torchvision.models.SqueezeNet1_1_Weights.IMAGENET1K_V1.transforms()
    seen = torch.stack([preprocess(Image.fromarray(s.read())) for s in STIMULI])
    assert (shown(network) - seen).abs().mean() < 0.03
    with torch.inference_mode():
        wanted = model(seen)
        torch.testing.assert_close(network.logits(seen), wanted)
    found = load_classifier("squeezenet1_1")
    assert found.name == "squeezenet1-1"
    members = found.label_map.outputs(CATEGORIES, "x")
    probability = wanted.double().softmax(dim=1).numpy()
    mean = np.stack([probability[:, index].mean(axis=1) for index in members], axis=1)
    np.testing.assert_allclose(
        found.score(STIMULI, CATEGORIES).posterior, mean / mean.sum(axis=1, keepdims=True), atol=2e-3
    )


def test_a_torchvision_file_is_never_unpickled(checkpoints: Path) -> None:
    place(checkpoints, "squeezenet1_1", {"features.0.weight": Path("a part that only unpickling could make")})
    with pytest.raises(UserError, match="the file holds more than weights, and is not unpickled"):
        load_classifier("squeezenet1_1")


def test_torchvision_weights_out_of_reach_are_said_in_one_line(
    checkpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no route")

    monkeypatch.setattr("http.client.HTTPConnection.connect", refused)
    with pytest.raises(
        UserError, match="alexnet:IMAGENET1K_V1: its weights cannot be reached.*no route.*library's cache"
    ) as caught:
        load_classifier("alexnet")
    assert "\n" not in str(caught.value)


def test_timm_weights_out_of_reach_are_said_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(UserError, match=r"resnet18\.tv_in1k: .*no whole local copy.*machine with a network") as caught:
        load_classifier("resnet18")
    assert "\n" not in str(caught.value)


def test_a_checkpoint_of_ones_own_is_found_under_its_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no folder 'own-checkpoint' here"):
        load_classifier("own-checkpoint")
    tiny.save_timm(tmp_path / "own-checkpoint", CATEGORIES)
    assert load_classifier("own-checkpoint").score(STIMULI, CATEGORIES).posterior.shape == (3, 16)


@pytest.mark.parametrize("missing", ["timm", "torchvision", "open_clip"])
def test_a_missing_library_is_said_with_its_pip_line(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    card = {"timm": "resnet50", "torchvision": "alexnet", "open_clip": "clip-vit-b-32"}[missing]
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    monkeypatch.delitem(__import__("sys").modules, f"reconstrue.classifiers.adapters.{missing}", raising=False)
    with pytest.raises(UserError, match=rf"'{missing}', which is not installed: pip install 'reconstrue\[baselines\]'"):
        load_classifier(card)


def cards(library: str) -> list:
    return [card for card in load_cards().values() if card.loader.endswith(f":load_{library}")]


@pytest.mark.parametrize("card", cards("timm"), ids=lambda card: card.name)
def test_every_timm_card_names_weights_that_timm_has(card) -> None:
    assert card.source in timm.list_pretrained(card.source)
    config = timm.get_pretrained_cfg(card.source)
    assert (3, card.resolution, card.resolution) == config.input_size
    assert (card.interpolation, config.crop_mode, config.num_classes) == (config.interpolation, "center", 1000)
    assert (tuple(config.mean) == (0.5, 0.5, 0.5)) == (card.input_range == "[-1, 1]")
    assert card.licence.lower() == (config.license or "apache-2.0")


@pytest.mark.parametrize("card", cards("torchvision"), ids=lambda card: card.name)
def test_every_torchvision_card_names_weights_that_torchvision_has(card) -> None:
    name, _, tag = card.source.partition(":")
    weights = torchvision.models.get_model_weights(name)[tag]
    assert weights.url == card.weights_url
    assert re.search(r"-[0-9a-f]{8,}\.pth$", weights.url), (
        "the file's name holds its hash, which the download is held to"
    )
    preset = weights.transforms()
    assert (preset.crop_size, preset.interpolation.value) == ([card.resolution], card.interpolation)
    # timm has no such weights, else the card would be timm's.
    assert not [found for found in timm.list_pretrained(f"{name}*") if found.endswith(".tv_in1k")]


# Tables 2 and 3 of the paper, under the toolbox's names: 24 of torchvision's, 5 ViT, 2 SWSL, 6 BiT-M, Noisy Student.
TABLE = [
    "alexnet",
    "vgg11_bn",
    "vgg13_bn",
    "vgg16_bn",
    "vgg19_bn",
    "squeezenet1_0",
    "squeezenet1_1",
    "densenet121",
    "densenet169",
    "densenet201",
    "inception_v3",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "shufflenet_v2_x0_5",
    "mobilenet_v2",
    "resnext50_32x4d",
    "resnext101_32x8d",
    "wide_resnet50_2",
    "wide_resnet101_2",
    "mnasnet0_5",
    "mnasnet1_0",
    "vit_small_patch16_224",
    "vit_base_patch16_224",
    "vit_large_patch16_224",
    "transformer_B16_IN21K",
    "transformer_L16_IN21K",
    "resnet50_swsl",
    "ResNeXt101_32x16d_swsl",
    "BiTM_resnetv2_50x1",
    "BiTM_resnetv2_50x3",
    "BiTM_resnetv2_101x1",
    "BiTM_resnetv2_101x3",
    "BiTM_resnetv2_152x2",
    "BiTM_resnetv2_152x4",
    "efficientnet_l2_noisy_student_475",
]


def test_every_baseline_with_public_weights_has_a_card_that_resolves() -> None:
    assert len(TABLE) == 38 == 52 - 13 - 1  # without the thirteen that neither library has, and CLIP
    found = {card.name for card in cards("timm") + cards("torchvision")}
    assert found == set(TABLE)
    for card in cards("timm") + cards("torchvision"):
        assert callable(resolve(card.loader))


def test_the_pocket_resnet_is_the_first_supervised_card() -> None:
    assert next(card.name for card in load_cards().values() if card.kind == "supervised") == "pocket-resnet"
