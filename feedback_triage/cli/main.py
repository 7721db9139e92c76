"""Entry: parse, run, and tell errors in one line.

Heavy parts are imported by the command that needs them, so that `--help` and the small filters start fast.
"""

import os
import sys
from collections.abc import Sequence

from feedback_triage.cli.parser import build_parser
from feedback_triage.cli.shown import shown
from feedback_triage.errors import FeedbackTriageError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        Exit status: 0 done, 1 an error that a user can mend (one line on standard error), 2 wrong usage.
    """
    _write_utf8()
    options = build_parser().parse_args(arguments)
    try:
        options.command(options)
    except FeedbackTriageError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): end quietly, as other filters do.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return _fail("stopped; what was stored stays, and running again does what is left", 130)
    except OSError as error:
        return _fail(f"{error.filename or 'input or output'}: {error.strerror or type(error).__name__}", 1)
    return 0


def _fail(message: str, status: int) -> int:
    line = shown(" ".join(message.split()))
    sys.stderr.write(f"feedback-triage: {line}\n")
    return status


def _write_utf8() -> None:
    # Output is the same bytes whatever the terminal's locale says; half a surrogate must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
