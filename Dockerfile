# The command in a container: docker build -t backout . && docker run --rm -v "$PWD:/work" backout check plan.yaml
FROM debian:12-slim AS build
WORKDIR /src
COPY . .
# Which commit this is; .git stays outside: docker build --build-arg COMMIT="$(git rev-parse --short=12 HEAD)" ...
ARG COMMIT=unknown
ARG COMMIT_EPOCH=0
RUN BACKOUT_COMMIT="$COMMIT" BACKOUT_COMMIT_DATE="$(date -u -d "@$COMMIT_EPOCH" +%F)" BACKOUT_EPOCH="$COMMIT_EPOCH" scripts/package deb

FROM debian:12-slim
COPY --from=build /src/dist/backout_*.deb /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends git graphviz /tmp/backout_*.deb \
    && rm -rf /var/lib/apt/lists/* /tmp/backout_*.deb
WORKDIR /work
USER nobody
ENTRYPOINT ["backout"]
