"""Where the command `sagsbog` begins."""

import gc
import signal


def main() -> None:
    """Runs the command. Ctrl-C ends it without a word, also while the program itself is still being read in."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    gc.disable()  # all that is read in stays: looking through it for garbage is a sixth of the time
    from api import program  # noqa: PLC0415 - reading it in takes longer than most commands

    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    program.main()
