"""A local hub that serves folders as repositories over the protocol of the Hugging Face hub."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

LFS_SUFFIXES = (".safetensors", ".onnx", ".bin", ".onnx_data", ".model")
LFS_BYTES = 1_000_000
CHUNK = 1 << 20


@dataclass(frozen=True)
class Request:
    """A request to the hub or to its content delivery network."""

    server: str  # "hub" or "cdn"
    method: str
    path: str
    headers: Message


@dataclass(frozen=True)
class File:
    """An immutable file of a commit."""

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
        """The id of the git blob: the file itself, or its LFS pointer."""
        content = self.content
        if self.lfs:
            lines = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\n"
            content = f"{lines}size {len(content)}\n".encode()
        return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

    @property
    def etag(self) -> str:
        return self.sha256 if self.lfs else self.blob


@dataclass
class HubServer:
    """Serves the repositories in a folder: ``<folder>/<owner>/<name>`` or ``<folder>/<name>``.

    The server commits each repository to ``main`` when it starts; :meth:`commit` commits later
    changes. Like the real hub, it redirects requests for large files to another origin.

    Attributes:
        folder: the folder of the repositories.
        tokens: the tokens that grant access to gated repositories.
        gated: ids of the gated repositories.
        moved: ids of renamed repositories: old → new.
        supports_ranges: whether range requests are honoured.
        lists_digests: whether listings include the sizes and digests of files.
        breaks: name of a file → number of bytes after which each of the next responses breaks off.
        stalls: name of a file → number of bytes after which responses stall without ending.
        tampered: names of files that are served with one byte changed.
        log: the requests so far.
    """

    folder: Path
    tokens: set[str] = field(default_factory=set)
    gated: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)
    supports_ranges: bool = True
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
            handler_class = type(handler.__name__, (handler,), {"hub": self, "name": name})
            server = ThreadingHTTPServer(("127.0.0.1", 0), handler_class)
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
        """Commit the current files of a repository to ``revisions``, by default ``main``.

        Returns:
            The commit; equal files give equal commits.
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
        """Return the names, without folders, of the requested files in order of request."""
        return [
            request.path.rpartition("/")[2]
            for request in self.log
            if request.method == "GET" and ("/resolve/" in request.path)
        ]

    def resolve(self, repository: str, revision: str) -> str | None:
        """Return the commit of a branch, a tag or a prefix of a commit."""
        commits = self.commits[repository]
        matches = [c for c in commits if len(revision) >= 7 and c.startswith(revision)]
        return self.revisions[repository].get(revision) or next(iter(matches), None)

    def _repositories(self) -> list[str]:
        ids = []
        for child in sorted(path for path in self.folder.iterdir() if path.is_dir()):
            if any(path.is_file() for path in child.iterdir()):
                ids.append(child.name)
            else:
                ids += [f"{child.name}/{path.name}" for path in sorted(child.iterdir())]
        return ids


class _Handler(BaseHTTPRequestHandler):
    """The behaviour that the hub and its content delivery network share."""

    protocol_version = "HTTP/1.1"
    hub: HubServer
    name: str

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.hub.log.append(Request(self.name, self.command, self.path, self.headers))
        self.answer([unquote(part) for part in urlsplit(self.path).path.strip("/").split("/")])

    def answer(self, parts: list[str]) -> None:
        raise NotImplementedError

    def reply(self, status: int, content: bytes = b"", **headers: str) -> None:
        """Send a whole response; underscores in the names of headers stand for hyphens."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def send_file(self, name: str, file: File, **headers: str) -> None:
        """Send a file, or the requested range of it, with the faults that the hub simulates."""
        content, size = file.content, len(file.content)
        if name in self.hub.tampered:
            content = content[:-1] + bytes([content[-1] ^ 1])
        byte_range = self.headers.get("Range") if self.hub.supports_ranges else None
        begin = int((byte_range or "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if begin and begin >= size:
            self.reply(416, Content_Range=f"bytes */{size}")
            return
        self.send_response(206 if byte_range else 200)
        if byte_range:
            self.send_header("Content-Range", f"bytes {begin}-{size - 1}/{size}")
        for field_name, value in headers.items():
            self.send_header(field_name.replace("_", "-"), value)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{file.etag}"')
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
        except OSError:  # the client has disconnected
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
        """Send the listing of a repository at a revision."""
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
        listing = {
            "id": repository,
            "modelId": repository,
            "sha": commit,
            "private": False,
            "gated": "auto" if repository in self.hub.gated else False,
            "tags": ["transformers"],
            "siblings": siblings,
        }
        self.reply(200, json.dumps(listing).encode(), Content_Type="application/json")

    def locate(self, repository: str, revision: str, name: str) -> None:
        """Redirect to a file: on the hub if git stores it, on the other origin if it is large."""
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
            "X_Linked_Etag": f'"{file.etag}"',
            "X_Linked_Size": str(len(file.content)),
        }
        if file.lfs:
            location = f"{self.hub.cdn_url}/{commit}/{file.sha256}/{name}"
            self.reply(302, Location=location, **headers)
        else:
            quoted = name.replace("/", "%2F")
            location = f"/api/resolve-cache/models/{repository}/{commit}/{quoted}"
            self.reply(307, Location=location, **headers)

    def commit_of(self, repository: str, revision: str) -> str | None:
        """Return the commit of a revision, or send an error or redirect and return None."""
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
