"""A hub on this machine: folders as repositories, over the protocol of the Hugging Face hub."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LFS_SUFFIXES = (".safetensors", ".onnx", ".bin", ".onnx_data", ".model")
LFS_BYTES = 1_000_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Request:
    """What the hub, or its content delivery network, was asked for."""

    server: str  # "hub" or "cdn"
    method: str
    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class File:
    """A file of a commit; it does not change any more."""

    path: Path

    @cached_property
    def content(self) -> bytes:
        return self.path.read_bytes()

    @cached_property
    def lfs(self) -> bool:
        return self.path.suffix in LFS_SUFFIXES or len(self.content) >= LFS_BYTES

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @cached_property
    def blob(self) -> str:
        """The id that git has for what is in the repository: the file, or a pointer to it."""
        content = self.content
        if self.lfs:
            lines = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\n"
            content = f"{lines}size {len(content)}\n".encode()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    @property
    def tag(self) -> str:
        return self.sha256 if self.lfs else self.blob


@dataclass
class HubServer:
    """Serves the repositories in a folder: ``<folder>/<owner>/<name>`` or ``<folder>/<name>``.

    Each is committed to ``main`` as it is when the server starts, and again by :meth:`commit`.
    Large files are redirected to a server of another origin, as the hub does.

    Attributes:
        folder: where the repositories are.
        tokens: those that may read what is gated.
        gated: ids of repositories that only they may read.
        moved: old id → new id.
        resumes: whether a range of a file can be had.
        lists_digests: whether the files of a repository are listed with more than their names.
        breaks: name of a file → for each of the next answers the bytes after which it breaks off.
        stalls: name of a file → bytes after which an answer stops for good, but stays open.
        tampered: names of files of which a byte is not what it should be.
        log: the requests so far.
    """

    folder: Path
    tokens: set[str] = field(default_factory=set)
    gated: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    resumes: bool = True
    lists_digests: bool = True
    breaks: dict[str, list[int]] = field(default_factory=dict)
    stalls: dict[str, int] = field(default_factory=dict)
    tampered: set[str] = field(default_factory=set)
    log: list[Request] = field(default_factory=list)

    def __enter__(self) -> HubServer:
        self._snapshots = Path(tempfile.mkdtemp(prefix="hub-"))
        self.commits: dict[str, dict[str, dict[str, File]]] = defaultdict(dict)
        self.revisions: dict[str, dict[str, str]] = defaultdict(dict)
        self.ended = threading.Event()
        for repository in self._repositories():
            self.commit(repository)
        self._servers = []
        for name, handler in (("hub", _Hub), ("cdn", _Cdn)):
            kind = type(handler.__name__, (handler,), {"hub": self, "name": name})
            server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            self._servers.append(server)
        self.url, self.cdn_url = (f"http://127.0.0.1:{s.server_port}" for s in self._servers)
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()
        shutil.rmtree(self._snapshots)

    def commit(self, repository: str, *revisions: str) -> str:
        """Make what is in the folder now what these revisions, by default ``main``, are.

        Returns:
            The commit, which is the same for the same files.
        """
        paths = sorted(p for p in (self.folder / repository).rglob("*") if p.is_file())
        names = {p.relative_to(self.folder / repository).as_posix(): p for p in paths}
        tree = "".join(f"{File(path).blob} {name}\n" for name, path in names.items())
        commit = hashlib.sha1(f"{repository}\n{tree}".encode()).hexdigest()
        snapshot = self._snapshots / commit
        if not snapshot.exists():
            shutil.copytree(self.folder / repository, snapshot)
        self.commits[repository][commit] = {name: File(snapshot / name) for name in names}
        self.revisions[repository].update(dict.fromkeys(revisions or ("main",), commit))
        return commit

    def fetched(self) -> list[str]:
        """Names of the files whose content was asked for, in order, without their folders."""
        return [
            request.path.rpartition("/")[2]
            for request in self.log
            if request.method == "GET" and ("/resolve/" in request.path)
        ]

    def resolve(self, repository: str, revision: str) -> str | None:
        """The commit that a branch, a tag or the beginning of a commit is."""
        commits = self.commits[repository]
        begun = [c for c in commits if len(revision) >= 7 and c.startswith(revision)]
        return self.revisions[repository].get(revision) or next(iter(begun), None)

    def _repositories(self) -> list[str]:
        found = []
        for child in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            if any(path.is_file() for path in child.iterdir()):
                found.append(child.name)
            else:
                found += [f"{child.name}/{path.name}" for path in sorted(child.iterdir())]
        return found


class _Handler(BaseHTTPRequestHandler):
    """What both servers do."""

    protocol_version = "HTTP/1.1"
    hub: HubServer
    name: str

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.hub.log.append(Request(self.name, self.command, self.path, dict(self.headers)))
        self.answer([unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")])

    def answer(self, parts: list[str]) -> None:
        raise NotImplementedError

    def reply(self, status: int, content: bytes = b"", **headers: str) -> None:
        """An answer at one go; underscores in the names of header fields are hyphens."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_file(self, name: str, file: File, **headers: str) -> None:
        """The content of a file, or the range that was asked for, with the faults it is to have."""
        content, size = file.content, len(file.content)
        if name in self.hub.tampered:
            content = content[:-1] + bytes([content[-1] ^ 1])
        asked = self.headers.get("Range") if self.hub.resumes else None
        begin = int((asked or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if begin and begin >= size:
            self.reply(416, Content_Range=f"bytes */{size}")
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        for field_name, value in headers.items():
            self.send_header(field_name.replace("_", "-"), value)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{file.tag}"')
        self.send_header("Content-Length", str(size - begin))
        self.end_headers()
        if self.command == "HEAD":
            return
        stop = self.hub.stalls.get(name, size)
        if broken := self.hub.breaks.get(name):
            stop = broken.pop(0)
        end = min(size, begin + stop)
        try:
            for start in range(begin, end, CHUNK):
                self.wfile.write(content[start : min(start + CHUNK, end)])
            if end < size and broken is None:
                self.hub.ended.wait()
        except OSError:  # the client has gone
            end = begin
        self.close_connection = end < size

    def log_message(self, *_: object) -> None:
        pass


class _Hub(_Handler):
    def answer(self, parts: list[str]) -> None:
        match parts:
            case ["api", "models", *repository, "revision", revision]:
                self.describe("/".join(repository), revision)
            case ["api", "resolve-cache", "models", *repository, commit, name]:
                file = self.hub.commits["/".join(repository)][commit][unquote(name)]
                self.send_file(unquote(name), file, X_Repo_Commit=commit)
            case [*repository, "resolve", revision, name] if len(repository) <= 2:
                self.locate("/".join(repository), revision, name)
            case [*repository, "resolve", revision, folder, name] if len(repository) <= 2:
                self.locate("/".join(repository), revision, f"{folder}/{name}")
            case _:
                self.reply(404)

    def describe(self, repository: str, revision: str) -> None:
        """Answer what a repository is at a revision."""
        commit = self.commit_of(repository, revision)
        if commit is None:
            return
        siblings = []
        for name, file in self.hub.commits[repository][commit].items():
            sibling: dict[str, object] = {"rfilename": name}
            if "blobs=" in self.path and self.hub.lists_digests:
                sibling |= {"size": len(file.content), "blobId": file.blob}
                if file.lfs:
                    pointer = {"size": len(file.content), "sha256": file.sha256, "pointerSize": 134}
                    sibling["lfs"] = pointer
            siblings.append(sibling)
        about = {
            "id": repository,
            "modelId": repository,
            "sha": commit,
            "private": False,
            "gated": "auto" if repository in self.hub.gated else False,
            "tags": ["transformers"],
            "siblings": siblings,
        }
        self.reply(200, json.dumps(about).encode(), Content_Type="application/json")

    def locate(self, repository: str, revision: str, name: str) -> None:
        """Redirect to where a file is: here if git has it, elsewhere if it is large."""
        commit = self.commit_of(repository, revision)
        if commit is None:
            return
        if repository in self.hub.gated and self.token() not in self.hub.tokens:
            status = 403 if self.token() else 401
            self.fail(status, "GatedRepo", f"Access to model {repository} is restricted.")
            return
        file = self.hub.commits[repository][commit].get(name)
        if file is None:
            self.fail(404, "EntryNotFound", "Entry not found")
            return
        headers = {
            "X_Repo_Commit": commit,
            "X_Linked_Etag": f'"{file.tag}"',
            "X_Linked_Size": str(len(file.content)),
        }
        if file.lfs:
            where = f"{self.hub.cdn_url}/{commit}/{file.sha256}/{name}"
            self.reply(302, Location=where, **headers)
        else:
            quoted = name.replace("/", "%2F")
            where = f"/api/resolve-cache/models/{repository}/{commit}/{quoted}"
            self.reply(307, Location=where, **headers)

    def commit_of(self, repository: str, revision: str) -> str | None:
        """The commit, or none after an answer that says why there is none."""
        if repository in self.hub.moved:
            moved = self.path.replace(repository, self.hub.moved[repository], 1)
            self.reply(307, Location=moved)
            return None
        if repository not in self.hub.revisions:
            self.fail(404 if self.token() else 401, "RepoNotFound", "Repository not found")
            return None
        commit = self.hub.resolve(repository, revision)
        if commit is None:
            self.fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit

    def fail(self, status: int, code: str, message: str) -> None:
        content = json.dumps({"error": message}).encode()
        self.reply(status, content, X_Error_Code=code, X_Error_Message=message)

    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


class _Cdn(_Handler):
    def answer(self, parts: list[str]) -> None:
        commit, digest, *rest = parts
        name = "/".join(rest)
        for commits in self.hub.commits.values():
            file = commits.get(commit, {}).get(name)
            if file is not None and file.sha256 == digest:
                self.send_file(name, file)
                return
        self.reply(403)
