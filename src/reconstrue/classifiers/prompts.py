"""From a label to what a text-to-image model is told."""

from __future__ import annotations

from reconstrue.errors import UserError

# The paper's one template, for every data set and model: a literal "a", also for airplane, elephant and oven.
DEFAULT_TEMPLATE = "A bad photo of a {label}."


def prompt(label: str, template: str = DEFAULT_TEMPLATE) -> str:
    """Return the template with the label in place of ``{label}``.

    Raises:
        UserError: the template has no ``{label}``.

    >>> prompt("airplane")
    'A bad photo of a airplane.'
    """
    if "{label}" not in template:
        raise UserError(f"the prompt template '{template}' has no {{label}}; for example '{DEFAULT_TEMPLATE}'")
    return template.replace("{label}", label)
