# One image for every process; the command says which it is: node apps/api/dist/main.js,
# node apps/worker/dist/main.js, or node apps/dashboard/dist/main.js.

FROM node:24-slim AS build
WORKDIR /posthouse
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml .pnpmfile.cjs ./
RUN npm install --global "$(node -p 'require("./package.json").packageManager')" && pnpm fetch
COPY . .
# All dependencies to compile with; then only those that the processes run with.
RUN pnpm install --offline --frozen-lockfile \
 && pnpm exec tsc -b apps/api apps/worker apps/dashboard \
 && rm -rf node_modules packages/*/node_modules apps/*/node_modules \
 && pnpm install --offline --frozen-lockfile --prod --filter @posthouse/api... --filter @posthouse/worker... --filter @posthouse/dashboard...

FROM node:24-slim
WORKDIR /posthouse
COPY --from=build /posthouse .
# Inside a container, the loopback address reaches nobody.
ENV NODE_ENV=production API_HOST=0.0.0.0 DASHBOARD_HOST=0.0.0.0
USER node
EXPOSE 3000 3001
CMD ["node", "apps/api/dist/main.js"]
