# syntax=docker/dockerfile:1
# The standalone output in a small image. No secret is needed while building; all configuration comes at run time.

FROM node:24-slim AS build
WORKDIR /src
ENV NEXT_TELEMETRY_DISABLED=1
COPY package.json package-lock.json ./
COPY lib/strongroom/package.json lib/strongroom/
RUN npm ci --no-audit --no-fund
COPY . .
# The path of the host below which the application is served; none without it.
ARG BASE_PATH=
RUN npm run build

FROM node:24-slim
WORKDIR /srv/strongroom
ENV NODE_ENV=production \
    NEXT_TELEMETRY_DISABLED=1 \
    HOSTNAME=0.0.0.0 \
    PORT=3000
# Owned by root and run as somebody else: the process cannot change its own code.
COPY --from=build /src/.next/standalone ./
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1: it receives SIGTERM and finishes what is running. It may read its own folder, write nowhere and start nothing.
CMD ["node", "--permission", "--allow-fs-read=/srv/strongroom", "server.js"]
