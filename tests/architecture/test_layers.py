"""The shape of the house: light imports, rooms without torch, lazy names that resolve, no room beyond the plan.

import-linter (run by `make test`) reads the source; these tests run it, in fresh interpreters.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import reconstrue
from reconstrue.classifiers.adapters.diffusers import FAMILIES
from reconstrue.classifiers.cards import load_cards
from reconstrue.classifiers.generative.denoiser import Denoiser
from reconstrue.registry import resolve
from reconstrue.train.recipe import load_recipe

PACKAGE = Path(reconstrue.__file__).parent

# What importing a module (and, with "everything", all modules below it) changed in a fresh interpreter.
CHECKER = """
import contextlib, io, json, logging, os, sys, warnings

def handlers():
    loggers = [logging.getLogger(), *(l for l in logging.root.manager.loggerDict.values() if isinstance(l, logging.Logger))]
    return sum(len(l.handlers) for l in loggers)

name, everything = sys.argv[1], sys.argv[2] == "everything"
modules, environment, before, filters = set(sys.modules), dict(os.environ), handlers(), list(warnings.filters)
out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    package = __import__(name, fromlist=["_"])
    if everything:
        import importlib, pkgutil
        for found in pkgutil.walk_packages(package.__path__, name + "."):
            importlib.import_module(found.name)
print(json.dumps({
    "loaded": sorted({m.partition(".")[0] for m in set(sys.modules) - modules}),
    "standard": sorted(sys.stdlib_module_names),
    "printed": out.getvalue() + err.getvalue(),
    "environment": sorted(k for k in {*os.environ, *environment} if os.environ.get(k) != environment.get(k)),
    "handlers": handlers() - before,
    "filters": len(warnings.filters) - len(filters),
}))
"""


def effects(module: str, *, everything: bool = False, path: Path | None = None) -> dict[str, list[str] | str | int]:
    # Not the whole environment: what our own import had set in this process would not be news to the child.
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH", "SYSTEMROOT") if name in os.environ
    }
    if path:
        environment["PYTHONPATH"] = str(path)
    child = subprocess.run(
        [sys.executable, "-c", CHECKER, module, "everything" if everything else "alone"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert child.returncode == 0, child.stderr
    # What bypasses sys.stdout and sys.stderr lands in the pipes before the one line of JSON.
    before, _, line = child.stdout.rstrip("\n").rpartition("\n")
    report = json.loads(line)
    report["printed"] += before + child.stderr
    report["foreign"] = sorted(set(report["loaded"]) - set(report["standard"]) - {"reconstrue"})
    return report


def test_importing_the_package_does_nothing() -> None:
    seen = effects("reconstrue")
    assert "reconstrue" in seen["loaded"]
    assert seen["foreign"] == []
    assert seen["printed"] == ""
    assert seen["environment"] == []
    assert seen["handlers"] == 0
    assert seen["filters"] == 0


def test_the_check_itself_can_fail(tmp_path: Path) -> None:
    """A package that does all that ours must not is caught on every count."""
    (tmp_path / "torch.py").write_text("")
    (tmp_path / "rude").mkdir()
    (tmp_path / "rude" / "__init__.py").write_text(
        "import logging, os, sys, warnings, torch\n"
        "print('hello')\n"
        "os.write(2, b'past sys.stderr')\n"
        "os.environ['RUDE'] = '1'\n"
        "logging.getLogger('rude').addHandler(logging.NullHandler())\n"
        "warnings.simplefilter('ignore')\n"
    )
    (tmp_path / "rude" / "later.py").write_text("import diffusers\n")
    (tmp_path / "diffusers.py").write_text("")
    seen = effects("rude", path=tmp_path)
    assert seen["foreign"] == ["rude", "torch"]
    assert "hello" in str(seen["printed"]) and "past sys.stderr" in str(seen["printed"])
    assert seen["environment"] == ["RUDE"]
    assert seen["handlers"] == 1
    assert seen["filters"] == 1
    assert effects("rude", everything=True, path=tmp_path)["foreign"] == ["diffusers", "rude", "torch"]


@pytest.mark.parametrize("room", ["stimuli", "trials", "metrics", "report"])
def test_rooms_that_never_load_torch_or_ray(room: str) -> None:
    seen = effects(f"reconstrue.{room}", everything=True)
    assert "numpy" in seen["loaded"], "the whole room was imported"
    assert {"torch", "ray", "diffusers", "transformers"}.isdisjoint(seen["loaded"])


def test_every_loader_of_a_card_resolves() -> None:
    for card in load_cards().values():
        assert callable(resolve(card.loader)), card.name
        assert card.packaged is None or card.packaged.parent.is_dir()


def test_every_family_of_pipelines_resolves() -> None:
    assert FAMILIES.targets()
    for name in FAMILIES.targets():
        assert issubclass(FAMILIES.get(name), Denoiser), name


def recipes() -> list[str]:
    return sorted(path.stem for path in (PACKAGE / "train" / "recipes").glob("*.toml"))


def test_every_trainer_of_a_recipe_resolves() -> None:
    assert recipes()
    for name in recipes():
        assert callable(resolve(load_recipe(name).trainer)), name


def test_no_lazy_name_is_overlooked() -> None:
    """Every quoted "reconstrue.module:Object" anywhere in the package, in code or data, names something real."""
    found = {
        target
        for path in PACKAGE.rglob("*")
        if path.suffix in {".py", ".toml"}
        for target in re.findall(r'"(reconstrue(?:\.\w+)+:\w+)"', path.read_text(encoding="utf-8"))
    }
    known = {card.loader for card in load_cards().values()} | {load_recipe(name).trainer for name in recipes()}
    assert found >= known
    for target in sorted(found):
        assert resolve(target) is not None, target


def test_a_lazy_name_that_leads_nowhere_is_noticed() -> None:
    with pytest.raises(AttributeError, match="load_nothing"):
        resolve("reconstrue.classifiers.load:load_nothing")
    with pytest.raises(ModuleNotFoundError, match=r"reconstrue\.nowhere"):
        resolve("reconstrue.nowhere:Thing")


# design.md, "Five words carry the story"; py.typed says that the package has types.
ROOMS = {
    "__init__.py", "__main__.py", "py.typed", "cli", "errors.py", "registry.py", "seeding.py", "stimuli", "classifiers",
    "trials", "run", "metrics", "report", "pocket", "train", "studies", "app",
}  # fmt: skip


def test_every_room_is_in_the_plan() -> None:
    here = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__" and not path.name.startswith(".")}
    assert here <= ROOMS
    assert {"cli", "stimuli", "classifiers", "trials", "metrics", "report"} <= here
