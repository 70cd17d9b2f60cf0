"""A Slurm of one node on loopback, without systemd or cgroups, that touches nothing of the machine it runs on."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

PATH = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
CLIENTS = ("sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo", "sacct")
SCRIPTS = ("fieldwalk", "snakemake")
PROGRAMS = ("munged", "slurmctld", "slurmd", *CLIENTS, "unshare", "nsenter", "setpriv")
SYSTEM_CONFIGURATION = Path("/etc/slurm")
MARK = "FIELDWALK_TEST_SLURM"
"""Variable in the environment of everything that is started here, and of what that starts in turn."""

CONFIGURATION = """\
ClusterName=fieldwalk-test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
FirstJobId={first_job}
SlurmdSpoolDir={folder}/spool
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=100000
MinJobAge=600
KillWait=10
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/finished_jobs.txt
SlurmdParameters=config_overrides
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory_mb} State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

ROOM = {"cpus": 4, "memory_mb": 16_000}
"""What the node claims to have, so that two jobs of two ranks find room on any machine."""


class NoSlurmHereError(Exception):
    """This machine does not let us run a Slurm of our own, and why."""


class OneNodeSlurm:
    """Munge, a controller and a node, run by the current user as children of this process.

    A job step of Snakemake forgets ``SLURM_CONF``, so ``/etc/slurm`` must be ours. It is, in a mount namespace of our
    own; where namespaces are forbidden and no other Slurm is configured, scripts of the clients' names lead to us.
    """

    def __init__(self) -> None:
        # sockets want short paths
        self.folder = Path(tempfile.mkdtemp(prefix="fieldwalk-slurm-", dir="/tmp"))
        foreign = ("SLURM", "SBATCH", "SRUN", "SQUEUE", "SCANCEL", "SINFO", "SNAKEMAKE")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        self._programs = self._programs_without_a_space()
        self.environment |= {"PATH": os.pathsep.join([str(self._programs), PATH]), MARK: str(self.folder)}
        self._host = socket.gethostname().split(".")[0]
        self._inside: list[str] = []
        self._children: list[subprocess.Popen[str]] = []
        self._up = False

    def __enter__(self) -> "OneNodeSlurm":
        try:
            self._bring_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End the jobs, the daemons and whatever these left, and remove the folder."""
        try:
            if self._up and (jobs := self.jobs()):
                self.run("scancel", *jobs)
                self._wait(lambda: not self.jobs(), 30)
        finally:
            for child in reversed(self._children):
                child.terminate()
                try:
                    child.communicate(timeout=10)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.communicate()
            for process in psutil.process_iter():
                with suppress(psutil.Error):
                    if process.environ().get(MARK) == str(self.folder):
                        process.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def command(self, *command: str, folder: Path | None = None) -> list[str]:
        """Command line that runs a program where this is the machine's Slurm."""
        name, *words = command
        # our own scripts by that name of Python, whatever name their first line holds
        script = [str(self._programs / "python"), str(self._programs / name)] if name in SCRIPTS else [name]
        # entering a mount namespace forgets the current folder
        return [*self._inside, "env", f"--chdir={folder or self.folder}", *script, *words]

    def run(self, *command: str, folder: Path | None = None, timeout: int = 300) -> subprocess.CompletedProcess[str]:
        """Run a program as on the cluster's login node."""
        line = self.command(*command, folder=folder)
        return subprocess.run(line, env=self.environment, capture_output=True, text=True, timeout=timeout, check=False)

    def jobs(self, states: str = "PENDING,RUNNING,COMPLETING") -> list[str]:
        """Numbers of the jobs in some states."""
        return self.run("squeue", "--noheader", f"--states={states}", "--format=%A").stdout.split()

    def finished_jobs(self, folder: Path) -> list[dict[str, str]]:
        """What the controller noted of every job from a folder that ended."""
        path = self.folder / "finished_jobs.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        ours = [line for line in lines if f" WorkDir={folder} " in line]
        return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in ours]

    def logs(self) -> str:
        """Ends of the daemons' logs, for the message of a failure."""
        return "\n".join(f"{path}:\n{path.read_text()[-2000:]}" for path in sorted(self.folder.glob("*.log")))

    def _programs_without_a_space(self) -> Path:
        """Folder of this environment's programs, by a path without a space.

        Snakemake does not quote the path of Python in the jobs that it submits. A link to the whole environment is
        another name of it: Python finds what belongs to it by the name that it is started by.
        """
        programs = Path(sys.executable).parent
        if " " not in str(programs):
            return programs
        link = self.folder / "environment"
        link.symlink_to(programs.parent)
        return link / programs.name

    def _bring_up(self) -> None:
        if missing := [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]:
            raise NoSlurmHereError(f"this machine has no {', '.join(missing)}")
        self._configure()
        if complaint := self._enter_namespace():
            self._point_clients_to_us(complaint)
        key, socket_path = self.folder / "munge.key", self.folder / "munge.socket"
        files = [f"--{kind}-file={self.folder}/munge.{kind}" for kind in ("pid", "log", "seed")]
        self._start_daemon("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={socket_path}", *files)
        self._wait(socket_path.exists, 10)
        self._start_daemon("slurmctld", "-D")
        self._start_daemon("slurmd", "-D", "-N", self._host)
        self._wait(lambda: self.run("sinfo", "--noheader", "--format=%t").stdout.strip() == "idle", 60)
        self._up = True

    def _configure(self) -> None:
        for name in ("etc", "state", "spool", "bin"):
            (self.folder / name).mkdir()
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            facts = {"controller_port": one.getsockname()[1], "node_port": other.getsockname()[1], **ROOM}
        # MPICH names its shared memory after the job: a number that comes again meets what a killed job left
        facts["first_job"] = 1 + secrets.randbelow(10_000_000)
        user = pwd.getpwuid(os.getuid()).pw_name
        text = CONFIGURATION.format(folder=self.folder, host=self._host, user=user, **facts)
        (self.folder / "etc/slurm.conf").write_text(text)

    def _enter_namespace(self) -> str:
        """Keep a mount namespace in which ``/etc/slurm`` is our folder; return why that fails, if it does."""
        wait = ["sh", "-c", "echo ready; exec sleep infinity"]
        mount = ["--mount", "sh", "-c", f'mount --bind {self.folder}/etc {SYSTEM_CONFIGURATION} && exec "$@"', "sh"]
        if os.getuid():
            # root to mount, then the user again, which Slurm's daemons need to be
            again = ["unshare", "--user", f"--map-user={os.getuid()}", f"--map-group={os.getgid()}", "--mount"]
            command = ["unshare", "--user", "--map-root-user", *mount, *again, *wait]
        else:
            command = ["unshare", *mount, *wait]
        holder = self._start_child(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert holder.stdout is not None
        assert holder.stderr is not None
        if holder.stdout.readline() != "ready\n":
            holder.wait()
            return holder.stderr.read().strip()
        spaces = ["--user", "--preserve-credentials", "--mount"] if os.getuid() else ["--mount"]
        self._inside = ["nsenter", f"--target={holder.pid}", *spaces]
        return ""

    def _point_clients_to_us(self, complaint: str) -> None:
        if (SYSTEM_CONFIGURATION / "slurm.conf").exists():
            raise NoSlurmHereError(f"this machine is part of a cluster and forbids namespaces ({complaint})")
        configuration = str(self.folder / "etc/slurm.conf")
        for name in CLIENTS:
            path = self.folder / "bin" / name
            path.write_text(f'#!/bin/sh\nSLURM_CONF={configuration} exec {shutil.which(name, path=PATH)} "$@"\n')
            path.chmod(0o755)
        path = os.pathsep.join([str(self.folder / "bin"), self.environment["PATH"]])
        self.environment |= {"PATH": path, "SLURM_CONF": configuration}

    def _start_daemon(self, name: str, *options: str) -> None:
        with (self.folder / f"{name}.log").open("w") as log:
            self._start_child(*self.command(name, *options), stdout=log, stderr=subprocess.STDOUT)

    def _start_child(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        # ends with this process, however that ends; an interrupt from the keyboard does not come before the orderly end
        line = ["setpriv", "--pdeathsig=TERM", *command]
        child = subprocess.Popen(line, env=self.environment, text=True, start_new_session=True, **options)
        self._children.append(child)
        return child

    def _wait(self, reached: Callable[[], bool], seconds: float) -> None:
        limit = time.monotonic() + seconds
        while not reached():
            if time.monotonic() > limit:
                raise NoSlurmHereError(f"Slurm does not come up, or does not go down\n{self.logs()}")
            time.sleep(0.1)
