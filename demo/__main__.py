"""`python -m demo`: start everything, tell the story, leave the site running until Ctrl-C."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from demo.binaries import ProgramMissing
from demo.children import ChildFailed
from demo.designer import Refused
from demo.interrupt import interruptible
from demo.node import NodeError
from demo.place import DEFAULT_HOME, PlaceTaken, only_one, place_of
from demo.stack import Stack
from demo.story import Story, StoryFailed
from demo.terminal import Terminal

STORY_FAILURES = (ChildFailed, NodeError, OSError, ProgramMissing, Refused, StoryFailed)


@click.command()
@click.option("--once", is_flag=True, help="End after the story; exit 0 if every step came out right.")
@click.option(
    "--home", type=click.Path(path_type=Path), default=DEFAULT_HOME, help="Folder for all it keeps."
)
@click.option("--port", default=8000, show_default=True, help="Port of the site.")
@click.option("--rpc-port", default=8545, show_default=True, help="Port of the chain's node.")
def main(once: bool, home: Path, port: int, rpc_port: int) -> None:
    """Run one print job through every part of Infill."""
    terminal = Terminal()
    try:
        with only_one(home):
            sys.exit(_tell(terminal, home, port, rpc_port, once))
    except PlaceTaken as error:
        sys.exit(str(error))


def _tell(terminal: Terminal, home: Path, port: int, rpc_port: int, once: bool) -> int:
    place = place_of(home, port, rpc_port)
    stack = Stack(place, terminal.warn)
    try:
        with interruptible():
            terminal.title("Infill: one print job through every part")
            stack.start(lambda stage: terminal.say(f"starting {stage}"))
            Story(stack, place, terminal).run()
            if not once:
                _stay(stack, terminal)
    except STORY_FAILURES as error:
        terminal.warn(f"{type(error).__name__}: {error}")
        return 1
    except KeyboardInterrupt:
        terminal.say("ending every process ...")
        return 130 if once else 0
    finally:
        stack.stop()
    return 0


def _stay(stack: Stack, terminal: Terminal) -> None:
    terminal.say(
        f"The site stays at [bold]{stack.place.url}[/] with what just happened in it. Ctrl-C ends it."
    )
    while True:
        stack.children.check()
        time.sleep(1)


if __name__ == "__main__":
    main()
