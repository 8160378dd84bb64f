"""Names for things: collisions, lazy names, near names, missing extras."""

from __future__ import annotations

import fractions
from collections.abc import Callable

import pytest

from reconstrue import registry
from reconstrue.errors import UserError
from reconstrue.registry import Registry, did_you_mean, resolve


@pytest.fixture
def animals() -> Registry[object]:
    table: Registry[object] = Registry("animal")
    table.register("duck", 1)
    table.register("rabbit", "fractions:Fraction")
    return table


def test_an_object_comes_back_as_it_is(animals: Registry[object]) -> None:
    assert animals.get("duck") == 1


def test_a_lazy_name_is_imported_when_asked_for(animals: Registry[object]) -> None:
    assert animals.get("rabbit") is fractions.Fraction
    assert animals.targets() == {"rabbit": "fractions:Fraction"}


def test_a_lazy_name_is_not_imported_before() -> None:
    table: Registry[object] = Registry("animal")
    table.register("unicorn", "no.such.module:Unicorn")
    assert "unicorn" in table
    with pytest.raises(ModuleNotFoundError, match="no"):
        table.get("unicorn")


def test_it_is_a_collection_in_the_order_of_registration(animals: Registry[object]) -> None:
    assert list(animals) == ["duck", "rabbit"]
    assert len(animals) == 2
    assert "duck" in animals and "goose" not in animals


def test_a_taken_name_is_refused_and_the_first_entry_stays(animals: Registry[object]) -> None:
    with pytest.raises(ValueError, match="the animal 'duck' is registered twice"):
        animals.register("duck", 2)
    assert animals.get("duck") == 1


def test_an_unknown_name_suggests_its_neighbour(animals: Registry[object]) -> None:
    with pytest.raises(UserError, match=r"^unknown animal 'rabit'; did you mean 'rabbit'\?$"):
        animals.get("rabit")


@pytest.mark.parametrize(
    ("name", "known", "said"),
    [
        ("pocket-resent", ["pocket-pixel", "pocket-resnet"], "; did you mean 'pocket-resnet'?"),
        ("xyzzy", ["b", "a"], "; known: a, b"),
        ("xyzzy", [], ""),
    ],
)
def test_did_you_mean(name: str, known: list[str], said: str) -> None:
    assert did_you_mean(name, known) == said


@pytest.mark.parametrize(
    ("package", "extra"),
    [("timm", "baselines"), ("open_clip", "baselines"), ("ray", "ray"), ("gradio", "app")],
)
def test_a_missing_extra_names_its_pip_line(monkeypatch: pytest.MonkeyPatch, package: str, extra: str) -> None:
    monkeypatch.setattr(registry, "import_module", lacking(f"{package}.inner"))
    with pytest.raises(UserError, match=rf"'{package}', which is not installed: pip install 'reconstrue\[{extra}\]'"):
        resolve("somewhere:Thing")


def test_another_missing_module_is_a_fault_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "import_module", lacking("reconstrue.lost"))
    with pytest.raises(ModuleNotFoundError, match="lost"):
        resolve("somewhere:Thing")


def lacking(module: str) -> Callable[[str], object]:
    def import_module(name: str) -> object:
        raise ModuleNotFoundError(f"No module named '{module}'", name=module)

    return import_module
