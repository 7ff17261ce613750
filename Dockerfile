# One image for all processes; the command selects the process: node apps/api/dist/main.js,
# node apps/submission/dist/main.js, node apps/worker/dist/main.js or node apps/dashboard/dist/main.js; node apps/cli/dist/main.js is the command line.

FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d AS build
WORKDIR /posthouse
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs ./
RUN npm install --global "$(node -p 'require("./package.json").packageManager')" && pnpm fetch
COPY . .
# Compile with all dependencies, then install only those needed at run time.
RUN pnpm install --offline --frozen-lockfile \
 && pnpm exec tsc -b apps/api apps/submission apps/worker apps/dashboard apps/cli \
 && rm -rf node_modules packages/*/node_modules apps/*/node_modules \
 && pnpm install --offline --frozen-lockfile --prod --filter @posthouse/api... --filter @posthouse/submission... --filter @posthouse/worker... --filter @posthouse/dashboard... --filter @posthouse/cli...

FROM node:24.18.0-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
WORKDIR /posthouse
COPY --from=build /posthouse .
# In a container the loopback address cannot be reached from outside. Ports from 1024 on need no rights; publish them as 465 and 587.
ENV NODE_ENV=production API_HOST=0.0.0.0 DASHBOARD_HOST=0.0.0.0 WORKER_HOST=0.0.0.0 WORKER_PORT=3002 \
    SUBMISSION_HOST=0.0.0.0 SUBMISSION_TLS_PORT=4465 SUBMISSION_STARTTLS_PORT=4587 SUBMISSION_HTTP_HOST=0.0.0.0 SUBMISSION_HTTP_PORT=3003
USER node
EXPOSE 3000 3001 3002 3003 4465 4587
CMD ["node", "apps/api/dist/main.js"]
