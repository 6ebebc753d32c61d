ARG BASE=python:3.11-slim-bookworm

# --- the dependencies, in a virtual environment that has no pip of its own ---------------------------
FROM ${BASE} AS dependencies
COPY requirements.txt .
RUN python3 -m venv --without-pip /opt/venv \
    && python3 -m pip --python /opt/venv/bin/python install --quiet --disable-pip-version-check \
        --root-user-action ignore --no-cache-dir --no-compile --only-binary :all: --require-hashes \
        -r requirements.txt

# What the service never opens: ONNX Runtime's library for C programs (35 MB; the Python extension has
# its own copy inside) and the bytecode of the model architectures in transformers (55 MB; all but the
# tokenizers' need torch). The last line proves that what is imported still can be.
RUN cd /opt/venv/lib/python3.11/site-packages \
    && rm onnxruntime/capi/libonnxruntime.so.* \
    && python3 -m compileall -q -j 0 -x 'transformers/models/' . \
    && python3 -m compileall -q transformers/models/auto transformers/models/bert \
    && ORT_DISABLE_TELEMETRY=1 /opt/venv/bin/python -c 'import onnxruntime, transformers; transformers.AutoTokenizer'

# --- checkpoints in place of the embedded model, if any are asked for ----------------------------------
# What is pulled here is all that is needed at run time. A checkpoint without an ONNX file is given one,
# so that the image does without torch, which TORCH says how to install.
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
      org.opencontainers.image.description="An article in, its entities and sentiment out" \
      org.opencontainers.image.licenses="Apache-2.0"

# Nothing is sent anywhere: no model is looked for on a hub, and ONNX Runtime reports to nobody. With
# few arenas, a worker of many threads keeps 35 MB less after an overload.
ENV PATH=/opt/venv/bin:$PATH \
    PORT=8000 \
    HF_HUB_OFFLINE=1 \
    MALLOC_ARENA_MAX=2 \
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
    CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["gunicorn"]
