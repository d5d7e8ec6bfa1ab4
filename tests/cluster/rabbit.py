"""A RabbitMQ on loopback, with a name, ports and folders of its own; ended by its pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BIN = Path("/usr/lib/rabbitmq/bin")
"""The scripts themselves: those in /usr/sbin insist on a user of their own."""
VHOST = "callwatch"
PATIENCE = 240.0
"""Seconds after which a command of RabbitMQ is given up: each starts an Erlang of its own."""
CONF = """
listeners.tcp.1 = 127.0.0.1:{port}
loopback_users.guest = true
log.console = false
log.file.level = warning
disk_free_limit.absolute = 50MB
collect_statistics_interval = 60000
"""


def missing() -> str:
    """Why there is no RabbitMQ here; empty if there is one."""
    if not (BIN / "rabbitmq-server").exists():
        return "RabbitMQ is not installed (Debian: apt-get install rabbitmq-server)"
    return "" if shutil.which("epmd") else "Erlang's epmd is not installed"


class Rabbit:
    """One broker. `url` is the address of its virtual host, which can be deleted and made anew."""

    def __init__(self, folder: Path) -> None:
        ports = _free_ports(3)
        self.port, distribution, mapper = ports
        self.node = f"callwatch{self.port}@localhost"
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}/{VHOST}"
        (folder / "rabbitmq.conf").write_text(CONF.format(port=self.port))
        (folder / "plugins").write_text("[].\n")
        (folder / "advanced.config").write_text(
            f"[{{kernel, [{{inet_dist_use_interface, {{127,0,0,1}}}},"
            f" {{inet_dist_listen_min, {distribution}}}, {{inet_dist_listen_max, {distribution}}}]}}].\n"
        )
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("RABBITMQ_", "ERL_"))} | {
            "HOME": str(folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(mapper),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        }
        self._folder, self._mapper = folder, mapper
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Until it answers, with its virtual host."""
        self._begin("epmd", "-port", str(self._mapper), "-address", "127.0.0.1")
        self._serve()
        self.make()

    def crash(self) -> None:
        """As a power cut would; what it has on disk stays."""
        os.killpg(self._processes[-1].pid, signal.SIGKILL)
        self._processes.pop().wait()

    def signal(self, number: int) -> None:
        """To the server and all it has started."""
        os.killpg(self._processes[-1].pid, number)

    def restart(self) -> None:
        """The same broker again after a crash, until it answers."""
        self._serve()

    def _serve(self) -> None:
        self._begin(str(BIN / "rabbitmq-server"))
        until = time.monotonic() + PATIENCE
        while not self._listens():
            if time.monotonic() > until or self._processes[-1].poll() is not None:
                raise AssertionError((self._folder / "rabbitmq-server.out").read_text()[-2000:])
            time.sleep(0.2)
        self.control("await_startup")

    def make(self) -> None:
        """The virtual host, empty."""
        self.control("add_vhost", VHOST)
        self.control("set_permissions", "-p", VHOST, "guest", ".*", ".*", ".*")

    def wipe(self) -> None:
        """Everything it holds is gone, and every connection ended."""
        self.control("delete_vhost", VHOST)

    def control(self, *arguments: str) -> str:
        """`rabbitmqctl` of this broker."""
        done = subprocess.run(
            [str(BIN / "rabbitmqctl"), "-q", "-n", self.node, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def stop(self) -> None:
        """End it and what it started."""
        for process in reversed(self._processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _begin(self, *command: str) -> None:
        with (self._folder / f"{Path(command[0]).name}.out").open("wb") as out:
            self._processes.append(
                subprocess.Popen(
                    command, env=self.environment, cwd=self._folder, stdin=subprocess.DEVNULL,
                    stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
                )
            )  # fmt: skip

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def rabbitmq() -> Iterator[Rabbit]:
    """A broker that ends with the block."""
    with tempfile.TemporaryDirectory(prefix="cw-rmq-") as name:
        rabbit = Rabbit(Path(name))
        try:
            rabbit.start()
            yield rabbit
        finally:
            rabbit.stop()


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
