"""How the site is made: `make docs`. Warnings are errors; nothing is loaded from a network, then or later."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from reconstrue import __version__

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

# They tell each font and each notebook; warnings still come through.
for told in ("fontTools", "traitlets"):
    logging.getLogger(told).setLevel(logging.WARNING)

project = "reconstrue"
author = "The reconstrue authors"
project_copyright = "The reconstrue authors, Apache-2.0"
version = release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "blocks", "mathml", "offline"]
exclude_patterns = ["_*"]
language = "en"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True
nb_merge_streams = True
# Libraries warn there with the paths of this machine; what fails is an error all the same.
nb_output_stderr = "remove"

# In docstrings `Scores` is a name, and a link where it is known.
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
autodoc_type_aliases = {"Array": "Array", "FloatArray": "FloatArray"}
napoleon_numpy_docstring = False
napoleon_use_ivar = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
add_module_names = False

html_theme = "furo"
html_math_renderer = "mathml"
html_title = f"reconstrue {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": False}
