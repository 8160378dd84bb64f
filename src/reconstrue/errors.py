"""The exceptions that are meant for the user."""

from __future__ import annotations

# Longer messages lose their middle: what is wrong stands first, the way out last.
_LONGEST = 2000


class UserError(Exception):
    """A mistake that the user can mend: one clear line that names the file, the field and the way out.

    The command line prints the message without a traceback and ends with exit code 2. Whatever a file's name or cell
    puts into it, it stays one line that can be read.
    """

    def __init__(self, message: str) -> None:
        shown = "".join(c if c.isprintable() else " " if c.isspace() else ascii(c)[1:-1] for c in message)
        if len(shown) > _LONGEST:
            shown = f"{shown[: _LONGEST // 2]} … {shown[-_LONGEST // 2 :]}"
        super().__init__(shown)


class NotANumberError(UserError):
    """A model's answer to a picture is not a finite number: no answer at all, which a run counts and goes on."""
