"""make lab: the whole migration on one page of this machine, until Ctrl-C.

The page is on loopback only. Both pools and all users are made up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGINT

from tools.base.processes import Interrupted, Processes
from tools.base.terminal import BOLD, paint
from tools.lab.server import PAGE, Server
from tools.lab.stage import Stage
from tools.stage import local_aws, node
from tools.stage.local import arguments_parser, say


@contextmanager
def staged(processes: Processes, packaged: bool) -> Iterator[tuple[Stage, Server]]:
    with ExitStack() as held:
        stage = Stage(processes, packaged, held)
        yield stage, held.enter_context(Server(stage, _bundle(processes)))


def _bundle(processes: Processes) -> Path:
    """The script of the page in one file, with the app and Amplify in it."""
    node.install(processes, PAGE)
    script = processes.directory / "page.js"
    command = [str(PAGE / "node_modules" / ".bin" / "esbuild"), str(PAGE / "page.js"), f"--outfile={script}"]
    options = ["--bundle", "--format=esm", "--minify", "--target=es2022", "--log-level=warning"]
    processes.run("esbuild", [*command, *options])
    return script


def main() -> int:
    arguments = arguments_parser(__doc__).parse_args()
    local_aws.isolate()
    with Processes() as processes:
        say("Installing emulators and the page's packages, building the function: minutes the first time, then seconds")
        with staged(processes, arguments.packaged) as (_, server):
            print(f"\n{paint('The lab', BOLD)} is at {paint(server.url, BOLD)}\nCtrl-C ends it.", flush=True)
            try:
                while True:
                    time.sleep(0.5)
                    while server.faults:
                        say(server.faults.pop(0))
            except Interrupted as interrupted:
                # Ctrl-C is the only end, and a good one.
                if interrupted.number != SIGINT:
                    raise
    return 0
