"""Formulas as MathML, made when the site is built: browsers draw it themselves, without a script or a network."""

from __future__ import annotations

import re
from html import escape

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

# What the converter does not know, and a sign that few fonts have.
_OTHERWISE = ((re.compile(r"\\arg(?![a-z])"), r"\\operatorname{arg}"), (re.compile(r"\\setminus"), r"\\backslash "))
# It sets functions without the space that stands before their argument.
_FUNCTION = re.compile(r"(<mi>(?:log|exp)</mi>)(?!<mo stretchy=\"false\">&#x00028;)")


def mathml(latex: str, display: str) -> str:
    """Return a formula as a `<math>` element; raises ExtensionError where a command was not understood."""
    try:
        for pattern, known in _OTHERWISE:
            latex = pattern.sub(known, latex)
        made = convert(latex, display=display)
    except Exception as error:
        raise ExtensionError(f"the formula {latex} cannot be read ({type(error).__name__}: {error})") from error
    unknown = re.search(r"\\[A-Za-z]+", made)
    if unknown:
        raise ExtensionError(f"the formula {latex} has {unknown[0]}, which is not known")
    # ∼ is a relation, not a variable.
    made = made.replace("<mi>&#x0007E;</mi>", "<mo>∼</mo>")
    return _FUNCTION.sub(r'\1<mspace width="0.17em"/>', made)


def _inline(translator: HTML5Translator, node: nodes.math) -> None:
    translator.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _block(translator: HTML5Translator, node: nodes.math_block) -> None:
    label = f' id="{escape(node["ids"][0])}"' if node.get("ids") else ""
    # One line per formula: what stands on several lines in a docstring is still one.
    translator.body.append(f'<div class="formula"{label}>{mathml(" ".join(node.astext().split()), "block")}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, object]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
