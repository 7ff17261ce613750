/** The manifests in deploy/ agree with each other and with the code: names, ports, paths, variables, metrics and times. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { defaultPorts } from '../packages/contract/src/default-ports.ts';
import { timings } from '../packages/contract/src/timings.ts';

/** A manifest: read by path, so that a test fails where something is missing. */
type Manifest = Record<string, unknown>;

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const folders = ['base', 'keda-api', 'keda-prometheus'];
const manifests = folders.flatMap((folder) =>
  readdirSync(join(root, 'deploy', folder)).flatMap((file) =>
    documents(`deploy/${folder}/${file}`).map((manifest) => ({ folder, file, manifest })),
  ),
);
const ofKind = (kind: string) => manifests.flatMap(({ manifest }) => (manifest['kind'] === kind ? [manifest] : []));
const deployments = ofKind('Deployment').map((manifest) => ({
  manifest,
  name: at<string>(manifest, 'metadata.name'),
  pod: at<Manifest>(manifest, 'spec.template.spec'),
  container: at<Manifest>(manifest, 'spec.template.spec.containers.0'),
}));
const dockerfile = read('Dockerfile');

function documents(path: string): Manifest[] {
  return parseAllDocuments(read(path)).map((document) => {
    expect(document.errors, path).toEqual([]);
    return document.toJS();
  });
}

/** @param path names and indexes, with dots */
function at<T>(value: unknown, path: string): T {
  return path.split('.').reduce((inner, name) => Object(inner)[name], value) as T;
}

/** The function of a settings file that an app's config.ts calls. */
function readerOf(text: string): string {
  return /export function (read\w+)/.exec(text)?.[1] ?? '';
}

/** The variables that an app reads, from its config.ts and the settings files of the packages. */
function variablesOf(app: string): Set<string> {
  const config = read(`apps/${app}/src/config.ts`);
  const files = readdirSync(join(root, 'packages/runtime/src')).filter((file) => file.endsWith('-settings.ts'));
  const used = files.map((file) => read(`packages/runtime/src/${file}`)).filter((text) => config.includes(readerOf(text)));
  const settings = [config, ...used].join('\n');
  const found = settings.matchAll(/read(\.orFile)?\.(?:required|optional|withDefault)\(\s*'([A-Z_]+)'/g);
  return new Set([...found].flatMap(([, orFile, name = '']) => (orFile === undefined ? [name] : [name, `${name}_FILE`])));
}

it('an overlay names every file of its folder, and nothing else', () => {
  for (const folder of folders) {
    const [kustomization = {}] = documents(`deploy/${folder}/kustomization.yaml`);
    const resources = at<string[]>(kustomization, 'resources');
    expect(resources.filter((resource) => !existsSync(join(root, 'deploy', folder, resource)))).toEqual([]);
    const files = readdirSync(join(root, 'deploy', folder)).filter((file) => file !== 'kustomization.yaml');
    expect(files.filter((file) => !resources.includes(file))).toEqual([]);
  }
});

describe.each(deployments)('$name', ({ name, manifest, pod, container }) => {
  const app = at<string>(container, 'name');

  it('runs an app of the image, with the port that this listens on and paths that it answers', () => {
    const [port] = at<{ name: string; containerPort: number }[]>(container, 'ports');
    const variable = app === 'submission' ? 'SUBMISSION_HTTP_PORT' : `${app.toUpperCase()}_PORT`;
    expect(at(container, 'command')).toEqual(['node', `apps/${app}/dist/main.js`]);
    const fromImage = new RegExp(`\\b${variable}=(\\d+)`).exec(dockerfile)?.[1];
    const byDefault = { API_PORT: defaultPorts.api, DASHBOARD_PORT: defaultPorts.dashboard }[variable];
    expect(port).toEqual({ name: 'http', containerPort: Number(fromImage ?? byDefault) });
    expect(dockerfile).toMatch(new RegExp(`EXPOSE.*\\b${port?.containerPort}\\b`));
    for (const [probe, path] of [
      ['startupProbe', '/livez'],
      ['livenessProbe', '/livez'],
      ['readinessProbe', '/readyz'],
    ] as const) {
      expect(at(container, `${probe}.httpGet`), probe).toEqual({ path, port: 'http' });
    }
  });

  it('has longer to stop than the process needs', () => {
    const preStop = at<string[] | undefined>(container, 'lifecycle.preStop.exec.command')?.at(-1) ?? '';
    const waitMs = Number(/setTimeout\(.*, (\d+)\)/.exec(preStop)?.[1] ?? 0);
    const graceMs = at<number>(pod, 'terminationGracePeriodSeconds') * 1000;
    expect(graceMs).toBeGreaterThanOrEqual(timings.stop + waitMs + 5000);
    expect(timings.stop).toBeGreaterThan(timings.smtp.stopGrace);
  });

  it('has no rights that it does not need', () => {
    const user = { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 };
    expect(at(pod, 'securityContext')).toEqual({ ...user, seccompProfile: { type: 'RuntimeDefault' } });
    const none = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
    expect(at(container, 'securityContext')).toEqual(none);
    expect([at(pod, 'automountServiceAccountToken'), at(pod, 'enableServiceLinks')]).toEqual([false, false]);
  });

  it('reads variables that exist, and its secrets from files', () => {
    const known = variablesOf(app);
    const env = at<{ name: string; value: string }[]>(container, 'env');
    expect(env.filter((each) => !known.has(each.name))).toEqual([]);
    const mount = at<string>(container, 'volumeMounts.0.mountPath');
    const items = at<{ key: string; path: string }[]>(pod, 'volumes.0.secret.items');
    expect(env.map(({ value }) => value)).toEqual(items.map(({ path }) => `${mount}/${path}`));
    expect(env.map((each) => each.name)).toEqual(items.map(({ key }) => `${key.toUpperCase().replaceAll('-', '_')}_FILE`));
    const created = [...read('deploy/README.md').matchAll(/--from-file=([\w-]+)/g)].map(([, key]) => key);
    expect(items.filter(({ key }) => !created.includes(key))).toEqual([]);
  });

  it('keeps a pod at an upgrade and when a machine is emptied, and its selectors are its labels', () => {
    const labels = at(manifest, 'spec.template.metadata.labels');
    expect(at(manifest, 'spec.selector.matchLabels')).toEqual(labels);
    expect(at(manifest, 'spec.strategy.rollingUpdate')).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    const budget = ofKind('PodDisruptionBudget').find((each) => at(each, 'metadata.name') === name);
    expect(budget?.['spec']).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
    const service = ofKind('Service').find((each) => at(each, 'metadata.name') === name);
    if (app !== 'worker') expect(at(service, 'spec.selector')).toEqual(labels);
  });
});

it('the ConfigMap has variables that an app reads, and nothing secret', () => {
  const [base = {}] = documents('deploy/base/kustomization.yaml');
  const names = at<string[]>(base, 'configMapGenerator.0.literals').map((literal) => literal.split('=')[0] ?? '');
  const known = new Set(['api', 'submission', 'worker', 'dashboard'].flatMap((app) => [...variablesOf(app)]));
  expect(names.filter((name) => !known.has(name) || known.has(`${name}_FILE`))).toEqual([]);
});

describe('KEDA', () => {
  const scaled = ofKind('ScaledObject');

  it('scales the workers, to none without mails', () => {
    for (const object of scaled) {
      expect(at(object, 'spec.scaleTargetRef.name')).toBe('posthouse-worker');
      expect([at(object, 'spec.minReplicaCount'), typeof at(object, 'spec.maxReplicaCount')]).toEqual([0, 'number']);
    }
    expect(scaled.map((object) => at(object, 'spec.triggers.0.type'))).toEqual(['metrics-api', 'prometheus']);
  });

  it('reads what the API serves', () => {
    const [api, prometheus] = scaled.map((object) => at<Record<string, string>>(object, 'spec.triggers.0.metadata'));
    const service = ofKind('Service').find((each) => at(each, 'metadata.name') === 'posthouse-api');
    expect(api?.['url']).toBe(`http://posthouse-api:${at(service, 'spec.ports.0.port')}/scale`);
    expect(read('packages/queue/src/monitoring/queue-measurement.ts')).toContain(`  ${api?.['valueLocation']}: number;`);
    const metrics = [...(prometheus?.['query'] ?? '').matchAll(/posthouse_\w+/g)].map(([metric]) => metric);
    expect(metrics).not.toEqual([]);
    for (const metric of metrics) expect(read('docs/metrics.md')).toContain(`\`${metric}\``);
    const [authentication] = ofKind('TriggerAuthentication');
    expect(at(scaled[0], 'spec.triggers.0.authenticationRef.name')).toBe(at(authentication, 'metadata.name'));
    expect(read('deploy/README.md')).toContain(`--from-file=${at(authentication, 'spec.secretTargetRef.0.key')}`);
  });
});
