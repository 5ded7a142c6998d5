/** The Kubernetes manifests: the shape that the API asks for, with as few rights as they need. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const deploy = join(root, 'deploy');
const read = (name: string) => readFileSync(join(deploy, name), 'utf8');

/** What running requests may take after SIGTERM (lib/strongroom/server/shutdown.ts). */
const graceSec = 37;

const labels = z.strictObject({ app: z.literal('strongroom') });
const metadata = z.strictObject({ name: z.literal('strongroom'), labels: labels.optional() });
const selector = z.strictObject({ matchLabels: labels });
const count = z.number().int().positive();
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.literal('/healthz'), port: z.literal('http') }),
  ...{ periodSeconds: count, timeoutSeconds: count.optional(), failureThreshold: count.optional() },
});
/** The members of the API that are used, and their values where they matter. @see Kubernetes API apps/v1 */
const deployment = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  metadata,
  spec: z.strictObject({
    replicas: count.min(2),
    selector,
    strategy: z.strictObject({
      rollingUpdate: z.strictObject({ maxUnavailable: z.literal(0), maxSurge: count }),
    }),
    template: z.strictObject({
      metadata: z.strictObject({ labels }),
      spec: z.strictObject({
        automountServiceAccountToken: z.literal(false),
        terminationGracePeriodSeconds: count,
        securityContext: z.strictObject({
          runAsNonRoot: z.literal(true),
          ...{ runAsUser: count, runAsGroup: count },
          seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
        }),
        containers: z.tuple([
          z.strictObject({
            name: z.string(),
            image: z.string().regex(/:(?!latest)[\w.-]+$/),
            ports: z.tuple([z.strictObject({ name: z.literal('http'), containerPort: z.literal(3000) })]),
            envFrom: z.tuple([z.strictObject({ secretRef: z.strictObject({ name: z.string() }) })]),
            ...{ startupProbe: probe, readinessProbe: probe, livenessProbe: probe },
            lifecycle: z.strictObject({
              preStop: z.strictObject({
                exec: z.strictObject({ command: z.tuple([z.literal('sleep'), z.string().regex(/^\d+$/)]) }),
              }),
            }),
            resources: z.strictObject({
              requests: z.strictObject({ cpu: z.string(), memory: z.literal('256Mi') }),
              limits: z.strictObject({ memory: z.literal('256Mi') }),
            }),
            securityContext: z.strictObject({
              allowPrivilegeEscalation: z.literal(false),
              readOnlyRootFilesystem: z.literal(true),
              capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
            }),
            volumeMounts: z.tuple([z.strictObject({ name: z.literal('tmp'), mountPath: z.literal('/tmp') })]),
          }),
        ]),
        volumes: z.tuple([
          z.strictObject({
            name: z.literal('tmp'),
            emptyDir: z.strictObject({ sizeLimit: z.string().regex(/^\d+Mi$/) }),
          }),
        ]),
      }),
    }),
  }),
});
const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    selector: labels,
    ports: z.tuple([z.strictObject({ name: z.string(), port: count, targetPort: z.literal('http') })]),
  }),
});
const budget = z.strictObject({
  apiVersion: z.literal('policy/v1'),
  kind: z.literal('PodDisruptionBudget'),
  metadata,
  spec: z.strictObject({ minAvailable: count, selector }),
});
const networkPolicy = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata,
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.tuple([z.literal('Ingress')]),
    ingress: z.tuple([
      z.strictObject({
        from: z.tuple([
          z.strictObject({
            namespaceSelector: z.strictObject({ matchLabels: z.record(z.string(), z.string()) }),
          }),
        ]),
        ports: z.tuple([z.strictObject({ port: z.literal('http') })]),
      }),
    ]),
  }),
});

describe('the Kubernetes manifests', () => {
  const documents = () => parseAllDocuments(read('kubernetes.yaml')).map((one) => one.toJS() as unknown);
  const manifests = z.tuple([deployment, service, budget, networkPolicy]);

  it('have the shape that the API asks for, and run without privileges', () => {
    const [{ spec }] = manifests.parse(documents());
    const { terminationGracePeriodSeconds, containers } = spec.template.spec;
    const [, preStopSec] = containers[0].lifecycle.preStop.exec.command;
    expect(terminationGracePeriodSeconds).toBeGreaterThan(graceSec + Number(preStopSec));
  });

  it('a misspelt member and a writable root are noticed', () => {
    for (const [from, to] of [
      ['readinessProbe', 'readynessProbe'],
      ['readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false'],
    ] as const) {
      const text = read('kubernetes.yaml').replace(from, to);
      const wrong = parseAllDocuments(text).map((one) => one.toJS() as unknown);
      expect(manifests.safeParse(wrong).success).toBe(false);
    }
  });
});
