"""The image, built and unpacked, and programs run in it as a container's are: read-only, as nobody."""

import gzip
import hashlib
import io
import json
import pathlib
import subprocess
import tarfile

from source import DEPLOY, run, skip, tool

USER = 65532
CONFIGURATION = "/etc/tocsin/config"


class Image:
    """Made by deploy/image/build in `place`, and read back from its archive, as a runtime does."""

    def __init__(self, program, place):
        self.place = pathlib.Path(place)
        self.output = self.place / "image"
        print(run(str(DEPLOY / "image" / "build"), "--program", program, "--output", str(self.output)), end="")
        self.layout = self.place / "layout"
        with tarfile.open(self.output / "tocsin.oci.tar") as archive:
            archive.extractall(self.layout)
        self.index = json.loads((self.layout / "index.json").read_text())
        self.manifest = json.loads(self.blob(self.index["manifests"][0]))
        self.config = json.loads(self.blob(self.manifest["config"]))
        self.rootfs = self.place / "unpacked"
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(self.blob(self.manifest["layers"][0])))) as tar:
            self.names = {member.name: member for member in tar.getmembers()}
            tar.extractall(self.rootfs)
        for path in (self.place, self.rootfs):
            path.chmod(0o755)

    def blob(self, descriptor):
        content = (self.layout / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes()
        assert hashlib.sha256(content).hexdigest() == descriptor["digest"].removeprefix("sha256:")
        assert len(content) == descriptor["size"]
        return content


class Sandbox:
    """The unpacked image as a root; the folder `work` is mounted where configurations are. What runs in it is
    process 1 of its own, as in a container, where bubblewrap is used."""

    def __init__(self, rootfs, work, host="tocsin-0", variables=None):
        given = [word for name, value in (variables or {}).items() for word in (name, value)]
        setting = [word for name, value in zip(given[::2], given[1::2]) for word in ("--setenv", name, value)]
        exports = [f"{name}={value}" for name, value in zip(given[::2], given[1::2])]
        self.ways = {
            "bubblewrap": [tool("bwrap"), "--ro-bind", rootfs, "/", "--ro-bind", work, CONFIGURATION, "--proc", "/proc",
                           "--dev", "/dev", "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
                           "--hostname", host, "--as-pid-1", "--uid", str(USER), "--gid", str(USER), "--cap-drop",
                           "ALL", "--die-with-parent", "--clearenv", *setting],
            "chroot": ["unshare", "--mount", "--uts", "sh", "-c",
                       f"mount --bind {rootfs} {rootfs} && mount --bind {work} {rootfs}{CONFIGURATION} && "
                       f"mount -o remount,ro,bind {rootfs} && hostname {host} && exec env -i {' '.join(exports)} "
                       f"chroot --userspec={USER}:{USER} {rootfs} \"$@\"", "-"],
        }

    def choose(self):
        """The first way that this kernel allows."""
        for name, words in self.ways.items():
            done = subprocess.run([*words, "/usr/bin/tocsin", "version"], check=False, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode == 0:
                self.words = words
                return name
        skip(f"this kernel allows neither user namespaces nor a chroot: {done.stdout}")

    def command(self, *arguments):
        return [*map(str, self.words), "/usr/bin/tocsin", *arguments]

    @staticmethod
    def inmost(pid):
        """The process itself, where bubblewrap stands before it."""
        while True:
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            if not children:
                return pid
            pid = int(children[0])
