"""`make demo`: servers, migrations, invented data, then web, worker and beat."""

import http.client
import os
import socket
import sys
import time

from folder import CLONE, Folder
from servers import LOOPBACK, start_servers
from supervisor import SHORTEST_PAUSE, Child, Interrupted, Supervisor, Trouble, say, tail

DEMO = {
    "DJANGO_SETTINGS_MODULE": "governance.settings",
    "TONGGOU_DEMO": "1",
    "ALLOWED_HOSTS": "*",
    "PYTHONUNBUFFERED": "1",
}
MANAGE = [sys.executable, str(CLONE / "manage.py")]
EVERYWHERE = ("0.0.0.0", "::")


def choose_port(host: str) -> tuple[int, socket.socket]:
    """A free port for the web, and a claim on it against other clones' supervisors."""
    wanted = os.environ.get("PORT")
    if wanted and not (wanted.isdigit() and 0 < int(wanted) < 65536):
        raise Trouble(f"PORT={wanted} 不是端口号，请给 1 到 65535 之间的数。")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in [int(wanted)] if wanted else range(8000, 8100):
        claim = socket.socket(socket.AF_UNIX)
        try:
            if sys.platform == "linux":  # gone with the process that holds it
                claim.bind(f"\0tonggou-port-{port}")
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            claim.close()
            if wanted:
                raise Trouble(
                    f"端口 {port} 用不了（{error.strerror}），请换一个，如 PORT={port + 1}。"
                ) from error
        else:
            return port, claim
    raise Trouble("8000 到 8099 的端口都被占用了，请用 PORT 指定一个，例如 PORT=9000 make demo。")


def address(host: str) -> str:
    """What to type into a browser; a phone in the same network needs the outward one."""
    if host in EVERYWHERE:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing; picks the outward interface
                host = probe.getsockname()[0]
            except OSError:
                host = LOOPBACK
    return f"[{host}]" if ":" in host else host


def is_healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK if host in EVERYWHERE else host, port, 5)
    try:
        connection.request("GET", "/healthz/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def step(supervisor: Supervisor, folder: Folder, env: dict[str, str], *arguments: str) -> None:
    """One manage.py command on the way up; what it says goes to a log."""
    began, log = time.monotonic(), folder.log("setup")
    with log.open("ab") as output:
        code = supervisor.run([*MANAGE, *arguments], env, stdout=output, stderr=output)
    if supervisor.signals:
        raise Interrupted
    if code != 0:
        raise Trouble(f"manage.py {arguments[0]} 没有成功（{code}）：\n{tail(log)}\n日志：{log}")
    say(f"  {arguments[0]}（{time.monotonic() - began:.1f} 秒）")


def processes(folder: Folder, env: dict[str, str], host: str, port: int) -> list[Child]:
    """The web, the worker and the clock."""
    granian = (
        f"granian --interface wsgi --host {host} --port {port} --workers 2 --blocking-threads 4"
        " --respawn-failed-workers --workers-kill-timeout 5 governance.wsgi:application"
    )
    worker = (
        "celery -A governance worker --pool threads --concurrency 4"
        " --without-gossip --without-mingle --loglevel WARNING"
    )
    beat = ["celery", "-A", "governance", "beat", "--loglevel", "WARNING"]
    beat += ["--schedule", str(folder.path / "beat-schedule")]
    return [
        Child(
            name=name, title=title, command=[sys.executable, "-m", *words],
            log=folder.log(name), cwd=CLONE, env=env, shortest_pause=pause,
        )
        for name, title, words, pause in (
            ("web", "网页服务", granian.split(), SHORTEST_PAUSE),
            # Long enough for /healthz/ to have said so: nobody learns of a shorter outage.
            ("worker", "后台任务", worker.split(), 2.0),
            ("beat", "定时器", beat, SHORTEST_PAUSE),
        )
    ]  # fmt: skip


def raise_up(supervisor: Supervisor, folder: Folder, host: str, port: int) -> None:
    """From nothing to a page that answers."""
    url = f"http://{address(host)}:{port}/"
    say("正在启动数据库和消息队列……")
    env = start_servers(supervisor, folder, durable=True)
    env |= DEMO
    say("正在准备数据（第一次要久一些）……")
    step(supervisor, folder, env, "migrate", "--noinput")
    step(supervisor, folder, env, "collectstatic", "--noinput")
    step(supervisor, folder, env, "compile_language")
    step(supervisor, folder, env, "seed_demo")
    for child in processes(folder, env, host, port):
        supervisor.start(child, None)
    deadline = time.monotonic() + 120
    while not is_healthy(host, port):
        if time.monotonic() > deadline:
            raise Trouble(f"网页服务两分钟内没有就绪：\n{tail(folder.log('web'))}")
        supervisor.keep(0.1)
    folder.announce(url=url)
    with folder.log("setup").open("ab") as errors:
        code = supervisor.run([*MANAGE, "demo_doors", "--url", url], env, stderr=errors)
    if code != 0:
        say(f"演示已经就绪：{url}\n按 Ctrl-C 停下。")


def demo() -> int:
    """Everything up, and up it stays until Ctrl-C or SIGTERM."""
    folder = Folder("demo")
    if not folder.claim():
        holder = folder.holder()
        where = holder.get("url", "还在启动")
        raise Trouble(f"这一份代码的演示已经在运行：{where}（进程 {holder.get('pid', '?')}）。")
    folder.drop_logs()
    host = os.environ.get("HOST") or LOOPBACK
    port, claim = choose_port(host)
    supervisor = Supervisor(str(folder.path))
    supervisor.listen()
    try:
        with claim:
            raise_up(supervisor, folder, host, port)
            while True:
                supervisor.keep(0.2)
    except Interrupted:
        say("\n正在停下……")
        return 0
    finally:
        supervisor.stop()
        say("都已停下。")
