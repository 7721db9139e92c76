"""Renders the documents that are made from the code: `python -m tests.docs.render` writes them."""

import argparse
import inspect
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from feedback_triage.cli.parser import build_parser

ROOT = Path(__file__).resolve().parents[2]


def commands() -> str:
    """docs/commands.md: the help of every command."""
    parser = build_parser()
    parts = ["# Commands\n\nMade from the program itself by `make docs`.\n"]
    parts.append(f"```text\n{parser.format_help()}```\n")
    for name, command in _commands_of(parser):
        parts.append(f"## {name}\n\n```text\n{command.format_help()}```\n")
        parts += [f"### {name} {each}\n\n```text\n{own.format_help()}```\n" for each, own in _commands_of(command)]
    return "\n".join(parts)


def _commands_of(parser: argparse.ArgumentParser) -> list[tuple[str, argparse.ArgumentParser]]:
    """Commands that a parser holds; none for most."""
    held = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return [pair for action in held for pair in action.choices.items()]


def rules() -> str:
    """docs/rules.md: every rule that a spec test holds, as its own sentence."""
    parts = ["# Rules\n\nEach line is a case of a test in `tests/spec/`; made from them by `make docs`.\n"]
    for path in sorted((ROOT / "tests" / "spec").glob("test_*.py")):
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        parts.append(f"## {path.stem.removeprefix('test_').replace('_', ' ').capitalize()}\n")
        for name, function in vars(module).items():
            if name.startswith("test_"):
                title = (inspect.getdoc(function) or name.removeprefix("test_").replace("_", " ")).splitlines()[0]
                cases = [f"- {found}" for found in _cases(function)]
                parts.append(
                    "\n".join([f"### {title[0].upper()}{title[1:].rstrip('.')}\n", *cases, *([""] if cases else [])])
                )
    return "\n".join(parts)


def _cases(function: Any) -> list[str]:
    """Names of the cases of a parametrised test, in their order."""
    found: list[str] = []
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            ids = mark.kwargs.get("ids")
            found += [str(each) for each in (ids or [getattr(value, "id", None) for value in mark.args[1]]) if each]
    return found


DOCUMENTS = {ROOT / "docs" / "commands.md": commands, ROOT / "docs" / "rules.md": rules}

if __name__ == "__main__":
    for target, render in DOCUMENTS.items():
        target.write_text(render(), "utf-8")
