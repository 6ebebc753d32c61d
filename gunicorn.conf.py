"""Server configuration: running ``gunicorn`` in this folder starts the service."""

import os
import resource
import secrets
import sys
from ipaddress import ip_address
from pathlib import Path

# Set before the libraries that read them are imported. Each worker uses one thread per encoder
# pass, no library looks for models on the network, and none reports usage.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    TOKENIZERS_PARALLELISM="false",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_OFFLINE="1",
)

from service.access.key_file import read_keys
from service.config.models_config import prepare_models_config
from service.config.settings import SettingError, read_settings
from service.config.watchlist_files import prepare_watchlists
from service.enrichment.language_detector import trained_detector
from service.execution import memory
from service.execution.busy_cores import busy_cores
from service.inference.errors import ModelError
from service.observability.multiprocess_dir import VARIABLE, make_folder, remove_folder
from service.server.connection_gate import connection_counts
from service.server.tls_socket import tls_context

# All workers, and those that replace them, have the same one.
os.environ.setdefault("CACHE_SECRET", secrets.token_hex())

try:
    settings = read_settings()
    prepare_models_config.cache_clear()  # SIGHUP runs this file again; MODELS_FILE may have changed
    prepare_models_config(settings)
    trained_detector()  # before the workers are forked, so that they share its memory
    if settings.tls_certificate:
        tls_context(settings)
    prepare_watchlists(settings)  # the workers inherit them, and share their memory
    memory.trim()
    keys = read_keys(Path(settings.api_keys_file)) if settings.api_keys_file else ()
    os.environ[VARIABLE] = str(make_folder())
except (SettingError, ModelError, OSError) as error:
    print(f"cannot start: {error}", file=sys.stderr)
    raise SystemExit(2) from None

# prometheus_client reads the variable when it is imported, so this import comes after it is set.
from service.observability.prometheus_export import drop_process

wsgi_app = "service.app:wsgi_app()"
address = f"[{settings.host}]" if ":" in settings.host else settings.host
bind = [f"{address}:{port}" for port in (settings.port, settings.admin_port) if port]
workers = settings.workers
threads = settings.threads
graceful_timeout = settings.graceful_timeout
loglevel = settings.log_level.lower()

worker_class = "service.server.gunicorn_worker.Worker"
logger_class = "service.server.gunicorn_logger.JsonLogger"
worker_tmp_dir = "/dev/shm"  # for the heartbeat file; a disk can block or be read-only
control_socket_disable = True
# A connection takes a file descriptor, and a thread only for a request. Models, spooled lines,
# caches and the event loop need descriptors, too.
descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
worker_connections = 4096
if descriptors != resource.RLIM_INFINITY:
    worker_connections = max(threads + 16, min(4096, descriptors - 4 * threads))
timeout = 15  # seconds without a heartbeat from the event loop; requests do not delay it
keepalive = 75  # longer than the idle timeout of common load balancers
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190
forwarded_allow_ips = ""  # no header field of a client changes the scheme,
forwarder_headers = ""  # the path or the address of its request
sendfile = False  # files are sent like other responses, so that slow clients hold no thread


def on_starting(server):
    """Drop the metrics of the arbiter, which serves no requests; warn if anybody is let in."""
    drop_process(os.getpid())
    if not settings.api_keys_file and not _is_loopback(settings.host):
        server.log.warning(
            "The service listens on %s without API keys: whoever reaches it may use all of it. Set "
            "API_KEYS_FILE, or HOST=127.0.0.1.",
            settings.host,
        )
    limited = settings.limits or any(key.limits for key in keys)
    if limited and not settings.limits_url and settings.workers > 1:
        server.log.warning(
            "Each of the %d workers counts limits for itself; set LIMITS_URL to count together.",
            settings.workers,
        )


def _is_loopback(host):
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def post_fork(server, worker):
    """Count the cores and the connections of a new worker apart from those of others."""
    busy_cores.attach(worker.age)
    connection_counts.attach(worker.age)


def child_exit(server, worker):
    """Merge the metrics of an exited worker into those kept for the server; drop its counts."""
    drop_process(worker.pid)
    busy_cores.forget(worker.age)
    connection_counts.forget(worker.age)


def on_exit(server):
    """Remove the metrics folder when the server stops."""
    remove_folder()
