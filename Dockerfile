# By tag, not by digest: what the digest is can only be asked of a registry, and is to be asked at a release:
#   docker buildx imagetools inspect node:24-slim --format '{{.Manifest.Digest}}'
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional dependencies are Node itself, which the image has.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM node:24-slim
# Nothing in here installs anything.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* \
  /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn /usr/local/bin/yarnpkg
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
# Without the demo and the simulator: see .dockerignore.
COPY src src
# A number, so that Kubernetes can see that it is not root. Nothing is written: the root file system may be read-only.
USER 10001:10001
EXPOSE 4000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4000) + '/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Memory holds tokens: no core dump writes it out, and no signal opens it to a debugger. Node in the shell's place, as
# process 1, needs no init: it starts no processes, and main.ts handles SIGTERM. One thread beside the main one collects
# garbage: more of them would take the core from the main thread while long lists are read.
ENTRYPOINT ["/bin/sh", "-c", "ulimit -c 0 && exec node --disable-sigusr1 --v8-pool-size=1 src/main.ts"]
