"""The one exception that means "the input is at fault, and here is what to do"."""


class InputError(Exception):
    """A user can cause and fix this: the message names the file or key, and the remedy.

    The command line prints it as one message without a traceback and exits with status 2.
    """
