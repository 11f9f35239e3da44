# syntax=docker/dockerfile:1
# The one image: `gantry operator`, and `gantry serve` in every pod, with the models baked in under /app/models.
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN node scripts/build.js

FROM node:${NODE_VERSION}-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Only the addons of this platform are run; the package ships those of the others too.
RUN npm ci --omit=dev --no-audit --no-fund \
 && find node_modules/onnxruntime-node/bin -mindepth 2 -maxdepth 2 -type d ! -name linux -exec rm -rf {} + \
 && find node_modules -name '*.map' -delete

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production GANTRY_MODELS=/app/models ORT_DISABLE_TELEMETRY=1
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY bin/gantry.js bin/
COPY manifests manifests
COPY models/production models/production
COPY models/staging models/staging
COPY models/archive models/archive
# As a number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 9000 9090
# What is new in the heap grows to 30 MiB, with Node 24 to 100, where a server answers as fast with 16: bench/processes.js and
# the pods of the local cluster have the same flag.
ENTRYPOINT ["node", "--max-semi-space-size=8", "/app/bin/gantry.js"]
CMD ["serve"]
