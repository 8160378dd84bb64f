"""From a label to what a text-to-image model is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from reconstrue.errors import UserError
from reconstrue.registry import did_you_mean, resolve

# The paper's one template, for every data set and model: a literal "a", also for airplane, elephant and oven.
DEFAULT_TEMPLATE = "A bad photo of a {label}."
# Named sets of templates, "module:Object". The 80 of CLIP (Radford et al. 2021, arXiv 2103.00020) come from open_clip.
TEMPLATE_SETS = {"imagenet-80": "reconstrue.classifiers.adapters.open_clip:imagenet_templates"}


def resolve_templates(prompts: Sequence[str] | None) -> tuple[str, ...]:
    """Return the templates that a user named: their own, a set's, or by default the paper's one.

    Raises:
        UserError: a template has no ``{label}`` and is no set's name, or is given twice.
    """
    found: list[str] = []
    for given in prompts or (DEFAULT_TEMPLATE,):
        if given in TEMPLATE_SETS:
            templates = resolve(TEMPLATE_SETS[given])
            found += cast("Sequence[str]", templates() if callable(templates) else templates)
        elif "{label}" not in given:
            near = did_you_mean(given, TEMPLATE_SETS) if " " not in given else ""
            raise UserError(f"the prompt template '{given}' has no {{label}}; for example '{DEFAULT_TEMPLATE}'{near}")
        else:
            found.append(given)
    if len(set(found)) < len(found):
        raise UserError("a prompt template is given twice; give each once")
    return tuple(found)


def prompt(label: str, template: str = DEFAULT_TEMPLATE) -> str:
    """Return the template with the label in place of ``{label}``.

    >>> prompt("airplane")
    'A bad photo of a airplane.'
    """
    return template.replace("{label}", label)


def all_prompts(labels: Sequence[str], templates: Sequence[str]) -> tuple[str, ...]:
    """Return every label under every template, label by label: prompt i belongs to label i // len(templates).

    >>> all_prompts(["cat", "dog"], ["a {label}", "{label}"])
    ('a cat', 'cat', 'a dog', 'dog')
    """
    return tuple(prompt(label, template) for label in labels for template in templates)
