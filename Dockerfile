# The image of Pratique: one bundled file on Node 24, as nobody, on a read-only file system if you like.
FROM node:24-bookworm-slim AS build
WORKDIR /pratique
COPY package.json package-lock.json ./
RUN npm install --no-save --no-audit --no-fund
COPY tsconfig.json ./
COPY hack/bundle.ts hack/
COPY src src
RUN npm run bundle

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="pratique" \
      org.opencontainers.image.description="Leave to enter for container images: resolves every image the way the nodes will" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /pratique/dist /pratique/dist
COPY bin/pratique /pratique/bin/pratique
COPY LICENSE /pratique/
ENV NODE_ENV=production
USER 65532:65532
EXPOSE 8443 8080
ENTRYPOINT ["/pratique/bin/pratique"]
CMD ["serve"]
