"""``toolflow prompts``: shows the packaged prompts, to begin one's own from."""

from typing import Annotated, get_args

import typer

from toolflow.config import PromptName
from toolflow.errors import ConfigError
from toolflow.llm import packaged_prompt

NAMES = get_args(PromptName)


def prompts_command(
    name: Annotated[str | None, typer.Argument(help=f"Which one to print: {', '.join(NAMES)}.")] = None,
) -> None:
    """Print a packaged prompt, or the names of all of them.

    [b]toolflow prompts user > my_user.md[/b] is a beginning of your own. Change it, and name it in the settings
    as [b]llm: {prompts: {user: my_user.md}}[/b]; the path counts from the config file.
    """
    if name is None:
        typer.echo("\n".join(NAMES))
    elif name in NAMES:
        typer.echo(packaged_prompt(name), nl=False)
    else:
        raise ConfigError(f"{name}: no such prompt; there are {', '.join(NAMES)}")
