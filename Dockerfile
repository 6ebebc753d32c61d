# Releases give it a digest, which cannot move: python:3.11-slim-bookworm@sha256:…
ARG BASE=python:3.11-slim-bookworm

# --- dependencies, in a virtual environment without pip ------------------------------------------------
FROM ${BASE} AS dependencies
COPY requirements.txt .
RUN python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --quiet --disable-pip-version-check \
        --root-user-action ignore --no-cache-dir --no-compile --only-binary :all: --require-hashes \
        -r requirements.txt

# Remove files that the service never opens: ONNX Runtime's library for C programs (35 MB; the Python
# extension contains its own copy) and the bytecode of model architectures in transformers (55 MB; they
# need torch, except for the tokenizers). The last line checks that the imports still work.
RUN cd /opt/venv/lib/python3.11/site-packages \
    && rm onnxruntime/capi/libonnxruntime.so.* \
    && python3 -m compileall -q -j 0 -x 'transformers/models/' . \
    && python3 -m compileall -q transformers/models/auto transformers/models/bert \
    && ORT_DISABLE_TELEMETRY=1 /opt/venv/bin/python -c 'import onnxruntime, transformers; transformers.AutoTokenizer'

# --- optional: checkpoints in place of the embedded model -----------------------------------------------
# The image contains the pulled checkpoints and needs no network at run time. Checkpoints without an
# ONNX file are exported to ONNX here, so that the image does not contain torch. TORCH is the argument
# of pip install for torch.
FROM dependencies AS models
ARG NER_MODEL=
ARG SENTIMENT_MODEL=
ARG HF_ENDPOINT=
ARG PULL_OPTIONS=
ARG EXPORT_OPTIONS=
ARG TORCH=torch
WORKDIR /app
COPY models models
COPY service service
RUN mkdir -p models/hub \
    && pip() { python3 -m pip --python /opt/venv/bin/python install --quiet --disable-pip-version-check \
        --root-user-action ignore --no-cache-dir "$@"; } \
    && enrich_model() { /opt/venv/bin/python -m service.cli model "$@"; } \
    && if [ -z "${HF_ENDPOINT}" ]; then unset HF_ENDPOINT; else export HF_ENDPOINT; fi \
    && for model in ${NER_MODEL} ${SENTIMENT_MODEL}; do \
        pip onnx sentencepiece \
        && enrich_model pull ${PULL_OPTIONS} "${model}" \
        && if enrich_model show --json "${model}" | grep -q '"runtime": "torch"'; then \
            pip ${TORCH} && enrich_model export --replace ${EXPORT_OPTIONS} "${model}"; \
        fi || exit 1; \
    done

# --- the service --------------------------------------------------------------------------------------
FROM ${BASE}
ARG NER_MODEL=
ARG SENTIMENT_MODEL=
LABEL org.opencontainers.image.title="article-enrichment" \
      org.opencontainers.image.description="Extracts named entities and sentiment from news articles" \
      org.opencontainers.image.licenses="Apache-2.0"

# jemalloc returns what large articles took; Python's allocator keeps a megabyte for each object that is
# still alive in it (docs/operations.md).
RUN apt-get update -qq \
    && apt-get install -qq --yes --no-install-recommends libjemalloc2 > /dev/null \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt
ENV LD_PRELOAD=libjemalloc.so.2 \
    PYTHONMALLOC=malloc \
    MALLOC_CONF=background_thread:true,narenas:2,dirty_decay_ms:5000,muzzy_decay_ms:0

# Disable hub access and the usage reports of ONNX Runtime.
ENV PATH=/opt/venv/bin:$PATH \
    PORT=8000 \
    HF_HUB_OFFLINE=1 \
    ORT_DISABLE_TELEMETRY=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NER_MODEL=${NER_MODEL} \
    SENTIMENT_MODEL=${SENTIMENT_MODEL}

WORKDIR /app
COPY --from=dependencies /opt/venv /opt/venv
COPY models models
COPY --from=models /app/models/hub models/hub
COPY gunicorn.conf.py .
COPY service service
RUN python -m compileall -q gunicorn.conf.py service

USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client, os, ssl; at = ('127.0.0.1', int(os.environ['PORT'])); c = http.client.HTTPSConnection(*at, timeout=4, context=ssl._create_unverified_context()) if os.environ.get('TLS_CERTIFICATE') else http.client.HTTPConnection(*at, timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["gunicorn"]
