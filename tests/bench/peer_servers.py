"""The engines that are servers, each on a free loopback port with its data in a folder of its own, ended with it."""

import http.client
import os
import pwd
import shutil
import socket
import subprocess
import time

from stack import free_ports

POSTGRES = "/usr/lib/postgresql/15/bin"
# As the baselines had it: a quarter of a machine's memory would be usual, what is asked fits into these.
POSTGRES_SETTINGS = {"shared_buffers": "4GB", "effective_cache_size": "16GB", "work_mem": "256MB",
                     "maintenance_work_mem": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min",
                     "synchronous_commit": "on", "fsync": "on", "max_parallel_workers_per_gather": "1", "jit": "on"}
CLICKHOUSE_CONFIG = """<yandex>
  <logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
  <http_port>{port}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>5368709120</mark_cache_size><keep_alive_timeout>3600</keep_alive_timeout><timezone>UTC</timezone>
</yandex>
"""
CLICKHOUSE_USERS = """<yandex>
  <profiles><default><max_memory_usage>10000000000</max_memory_usage></default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
    <quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
"""


class Server:
    """`with Server(folder) as server`: runs beside the block; `port` answers."""

    def __init__(self, folder):
        self.folder, self.process, self.port = folder, None, None

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        self.port, self.second_port = free_ports(2)
        try:
            with open(os.path.join(self.folder, "out"), "wb") as log:
                self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                **self.identity())
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()  # a server that is killed leaves others of its processes behind for a while
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def identity(self):
        return {}

    def ready(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def _wait(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            try:
                if self.ready():
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.folder, "out"), errors="replace") as f:
                    raise RuntimeError(f"{self.command()[0]} does not serve:\n{f.read()[-2000:]}")
            time.sleep(0.05)


class Postgres(Server):
    def identity(self):
        """PostgreSQL refuses to run as root."""
        if os.getuid() != 0:
            return {}
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def command(self):
        data = os.path.join(self.folder, "data")
        if not os.path.exists(data):
            if os.getuid() == 0:
                shutil.chown(self.folder, "postgres", "postgres")
            subprocess.run([f"{POSTGRES}/initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"],
                           check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self.identity())
        settings = [word for name, value in POSTGRES_SETTINGS.items() for word in ("-c", f"{name}={value}")]
        return [f"{POSTGRES}/postgres", "-D", data, "-p", str(self.port), "-h", "127.0.0.1", "-k", "", *settings]

    def ready(self):
        import psycopg2
        try:
            psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname="postgres").close()
            return True
        except psycopg2.OperationalError:
            return False


class OldClickHouse(Server):
    def command(self):
        for name, text in (("config.xml", CLICKHOUSE_CONFIG), ("users.xml", CLICKHOUSE_USERS)):
            with open(os.path.join(self.folder, name), "w") as f:
                f.write(text.format(folder=self.folder, port=self.port, tcp=self.second_port))
        return ["clickhouse-server", f"--config-file={self.folder}/config.xml"]

    def ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", "/ping")
        return connection.getresponse().status == 200


class Redis(Server):
    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder,
                "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
