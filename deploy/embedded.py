"""The whole house on one machine: `demo`, `run -- …`, `with-demo -- …`, `stop`, `reset`.

Needs Python's standard library alone. DATABASE_URL and REDIS_URL, when set, are used as they
are; otherwise servers are started in `.data/` (`binaries.py` says which), watched, and
stopped with everything else.
"""

import argparse
import io
import os
import shutil
import signal
import sys
import time
from typing import NoReturn

from binaries import outside_path
from demo import DEMO, demo
from folder import CLONE, DATA, Folder
from servers import running_servers, start_servers
from supervisor import Interrupted, Supervisor, Trouble, say


def run(command: list[str], *, durable: bool) -> int:
    """Run a command beside servers of its own. Runs at the same time get separate folders.

    Tests do without `durable`: then nothing waits for the disk, and measuring means nothing.
    """
    name, number = "bench" if durable else "test", 1
    while not (folder := Folder(name if number == 1 else f"{name}-{number}")).claim():
        number += 1
    folder.drop_logs()
    supervisor = Supervisor(str(folder.path))
    supervisor.listen()
    try:
        env = start_servers(supervisor, folder, durable=durable)
        return supervisor.run(command, env)
    except Interrupted:
        return 128 + supervisor.signals[0]
    except (FileNotFoundError, PermissionError) as error:
        if error.filename != command[0]:
            raise
        raise Trouble(f"运行不了这个命令：{command[0]}（{error.strerror}）") from error
    finally:
        supervisor.stop()


def with_demo(command: list[str]) -> NoReturn:
    """Become a command with the environment of the demo that is up; TONGGOU_URL is its address."""
    folder = Folder("demo")
    if not folder.is_held() or not (url := folder.holder().get("url")):
        raise Trouble("这一份代码的演示没有在运行，请先 make demo，等它就绪。")
    env = running_servers(folder) | DEMO | {"TONGGOU_URL": url}
    try:
        os.execvpe(command[0], command, env)
    except OSError as error:
        raise Trouble(f"运行不了这个命令：{command[0]}（{error.strerror}）") from error


def stop(name: str = "*") -> int:
    """Stop this clone's supervisors, and what killed ones left behind."""
    for lock in sorted(DATA.glob(f"{name}/lock")):
        folder, told = Folder(lock.parent.name), False
        deadline = time.monotonic() + 90
        while not folder.claim():
            if not told and (pid := folder.holder().get("pid")):
                os.kill(int(pid), signal.SIGTERM)
                told = True
            if time.monotonic() > deadline:
                raise Trouble(f"进程 {folder.holder().get('pid')} 没有停下，请手动结束它。")
            time.sleep(0.1)
        folder.lock.close()
    say("都已停下。")
    return 0


def reset(*, everything: bool) -> int:
    """Drop the demo's data, or all that this clone ever wrote outside its sources."""
    stop("*" if everything else "demo")
    for base in (DATA, outside_path(CLONE)):
        shutil.rmtree(base if everything else base / "demo", ignore_errors=True)
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="一条命令启动整套系统")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="启动演示")
    runner = commands.add_parser("run", help="带着数据库和消息队列运行一条命令")
    runner.add_argument("--durable", action="store_true", help="每次提交都落盘，量快慢时要用")
    runner.add_argument("words", nargs=argparse.REMAINDER, metavar="-- 命令")
    beside = commands.add_parser("with-demo", help="在运行着的演示旁边运行一条命令")
    beside.add_argument("words", nargs=argparse.REMAINDER, metavar="-- 命令")
    commands.add_parser("stop", help="停下这一份代码启动的所有进程")
    commands.add_parser("reset", help="清除演示数据").add_argument("--all", action="store_true")
    chosen = parser.parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        match chosen.command:
            case "demo":
                return demo()
            case "run" | "with-demo" as name:
                words = chosen.words[1:] if chosen.words[:1] == ["--"] else chosen.words
                if not words:
                    parser.error(f"{name} 后面要有一条命令")
                if name == "run":
                    return run(words, durable=chosen.durable)
                return with_demo(words)
            case "reset":
                return reset(everything=chosen.all)
        return stop()
    except Trouble as trouble:
        say(str(trouble))
    except PermissionError as error:
        say(f"没有权限：{error.filename}。多半是先前由另一个用户启动过，请换回那个用户。")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
