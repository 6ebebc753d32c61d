"""How the service runs: ``gunicorn`` in this folder starts it, set up by the environment."""

import os
import sys

# Before anything imports the libraries that read them. Each worker keeps one core busy, and nothing
# may look for models on the network or report to anyone.
os.environ.update(
    OMP_NUM_THREADS="1",
    OPENBLAS_NUM_THREADS="1",
    TOKENIZERS_PARALLELISM="false",
    TRANSFORMERS_OFFLINE="1",
    HF_HUB_OFFLINE="1",
)

from service.config.plan import checked_plan
from service.config.settings import SettingError, read_settings
from service.inference.model_info import ModelError
from service.observability.multiprocess_dir import VARIABLE, make_folder, remove_folder

try:
    settings = read_settings()
    checked_plan.cache_clear()  # on SIGHUP, when there may be others
    checked_plan(settings)
    os.environ[VARIABLE] = str(make_folder())
except (SettingError, ModelError, OSError) as error:
    print(f"cannot start: {error}", file=sys.stderr)
    raise SystemExit(2) from None

# After the variable is set, which prometheus_client reads when it is imported.
from service.observability.prometheus_export import drop_process

wsgi_app = "service.app:wsgi_app()"
bind = (
    f"[{settings.host}]:{settings.port}"
    if ":" in settings.host
    else f"{settings.host}:{settings.port}"
)
workers = settings.workers
threads = settings.threads
graceful_timeout = settings.graceful_timeout
loglevel = settings.log_level.lower()

worker_class = "service.server.gunicorn_worker.Worker"
logger_class = "service.server.gunicorn_worker.Log"
worker_tmp_dir = "/dev/shm"  # the heartbeat file; a disk may block, and may be read-only
control_socket_disable = True
worker_connections = 4096  # each costs a file descriptor and, until its request has come, no thread
timeout = 120  # seconds without a heartbeat, which does not wait for requests
keepalive = 75  # longer than the idle time of the usual load balancers
limit_request_line = 4094
limit_request_fields = 100
limit_request_field_size = 8190


def on_starting(server):
    """The process that keeps the workers serves nothing, and is none of them."""
    drop_process(os.getpid())


def child_exit(server, worker):
    """A worker has ended."""
    drop_process(worker.pid)


def on_exit(server):
    """All of them have."""
    remove_folder()
