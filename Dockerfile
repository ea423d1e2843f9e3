# Runs the quickstart, or any other command, with everything installed:
#
#   docker build -t chat-runner .
#   docker run --rm -v "$PWD/runs:/chat-runner/runs" chat-runner
#   docker run --rm -it -v "$PWD/runs:/chat-runner/runs" chat-runner chat latest
#
# Your own chats: add -v "$PWD/data:/chat-runner/data:ro" and name a pipeline file in a folder that is mounted, too.
# The results belong to user 1000; if you are another one, add --user "$(id -u):$(id -g)".
# -v chat-runner-cache:/cache keeps what is downloaded later, such as MLflow and GPT-2's weights.
# `ui` and `serve` listen on 127.0.0.1 of the container: on Linux, add --network host.
FROM node:24-bookworm-slim

RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates python3 python3-pip python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir -m 777 /cache /chat-runner
ENV HOME=/cache XDG_CACHE_HOME=/cache
WORKDIR /chat-runner
USER node

# The packages change less often than the rest.
COPY --chown=node package.json package-lock.json .npmrc ./
COPY --chown=node tests/kit/llama-cpp tests/kit/llama-cpp
RUN npm ci --ignore-scripts --no-audit --no-fund && npm cache clean --force && touch node_modules/.ready

# Builds the program and downloads TensorFlow (270 MB). Whichever user runs the container may add to the cache.
COPY --chown=node . .
RUN ./runner setup && chmod -R a+rwX /cache runs

ENTRYPOINT ["./runner"]
CMD ["run", "pipelines/quickstart.yaml"]
