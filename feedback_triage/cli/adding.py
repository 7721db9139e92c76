"""How a command is added to the parser: with its help, an example, and the function that does it."""

import argparse
from collections.abc import Callable
from typing import TypeAlias

Command = Callable[[argparse.Namespace], None]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Keeps the line breaks of examples, and the same width everywhere, so that help texts can be tested."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100, max_help_position=28)


def add_command(
    commands: Commands, name: str, what: str, example: str, command: Command | None
) -> argparse.ArgumentParser:
    """Add a command; None as its function for one that only holds commands of its own."""
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=Formatter,
    )
    if command is not None:
        parser.set_defaults(command=command)
    return parser
