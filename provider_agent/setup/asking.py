"""Questions, each with what Enter takes; a script answers them by options, or takes every default."""

from __future__ import annotations

from typing import Any, TypeVar

import click

from provider_agent.errors import AnswerMissing

T = TypeVar("T")


class Asker:
    """`yes`: nobody is there to be asked, defaults are taken and shown."""

    def __init__(self, *, yes: bool) -> None:
        self.yes = yes

    def say(self, text: str) -> None:
        """A line."""
        click.echo(text)

    def ask(
        self, question: str, kind: click.ParamType[T], *, given: T | None, default: str | None, option: str
    ) -> T:
        """What was given by `option`, else what is answered. Raises AnswerMissing."""
        if given is not None:
            if isinstance(given, str):
                self.say(f"{question}: {given}")
            return given
        if not self.yes:
            found: T = click.prompt(question, default=default, type=kind, show_default=bool(default))
            return found
        if default is None:
            raise AnswerMissing(f"{question} has no default: give {option}")
        self.say(f"{question}: {default}")
        return kind.convert(default, None, None)

    def agree(self, question: str) -> bool:
        """Yes or no, yes by default."""
        if self.yes:
            self.say(f"{question} yes")
        return self.yes or click.confirm(question, default=True)

    def secret(self, question: str, option: str) -> str:
        """What is typed unseen; empty for none. Raises AnswerMissing where nobody is there."""
        if self.yes:
            raise AnswerMissing(f"{question} has no default: give {option}")
        return str(click.prompt(question, default="", hide_input=True, show_default=False)).strip()

    def again(self, problem: object, *, given: Any) -> None:
        """Tell what is wrong with an answer, to be asked again. Raises the problem where none can be."""
        if isinstance(problem, Exception) and (self.yes or given is not None):
            raise problem
        self.say(f"  {problem}")
