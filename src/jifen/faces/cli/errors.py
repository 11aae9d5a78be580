"""Errors that belong to the command line and to no room."""

from jifen.common.errors import JifenError


class CommandError(JifenError):
    """A command cannot do what it was asked, for a reason outside of any room."""

    code = "command_failed"
