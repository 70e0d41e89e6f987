"""What was wrong with a command line, in Danish: the parser's own errors are told by their kind."""

import re
from typing import Any

import typer


def told(error: typer.TyperException) -> str:
    """One line: what is wrong, and which help page says how it is done."""
    context: Any = getattr(error, "ctx", None)
    return f"{_wrong(error)}. Se: {context.command_path if context else 'sagsbog'} --help"


def _wrong(error: typer.TyperException) -> str:
    parameter: Any = getattr(error, "param", None)
    match type(error).__name__:  # the parser does not publish its classes
        case "MissingParameter":
            return f"{_name_of(parameter)} mangler"
        case "BadParameter":
            choices = parameter.type_descriptor.choices
            must = f"være en af: {', '.join(map(str, choices))}" if choices else "være et helt tal"
            return f"{_name_of(parameter)} skal {must}"
        case "NoSuchOption":
            return f"Kommandoen kender ikke {getattr(error, 'option_name', '')}"
        case "BadOptionUsage":
            return f"{getattr(error, 'option_name', '')} mangler en værdi"
        case "NoArgsIsHelpError":
            return "Angiv en kommando"
        case _:
            return _too_much(str(error))


def _name_of(parameter: Any) -> str:
    """An option by its name, an argument as the help page writes it."""
    name: str = parameter.opts[0]
    return name if name.startswith("-") else parameter.metavar or name.upper()


def _too_much(text: str) -> str:
    """A command that there is none of, or words too many."""
    if unknown := re.match(r"No such command '(.*?)'", text):
        return f"Kommandoen {unknown[1]} findes ikke"
    words = re.search(r"\(([^()]*)\)$", text)
    return f"Kommandoen tager ikke så meget: {words[1] if words else text}"
