/** Defaults of pods that depend on other fields. Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go. */
import type { KubeObject } from '../../../kube/index.js';
import { isObject, type JsonObject, objectAt } from '../json.js';

function objectsAt(parent: JsonObject, key: string): JsonObject[] {
  const list = parent[key];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** `latest`, or no tag at all, is pulled each time; a digest never. */
function imagePullPolicy(image: unknown): string {
  if (typeof image !== 'string' || image === '') return 'IfNotPresent';
  if (image.includes('@')) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultContainer(container: JsonObject): void {
  container['imagePullPolicy'] ??= imagePullPolicy(container['image']);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const httpGet = objectAt(objectAt(container, probe), 'httpGet');
    if (httpGet !== undefined && httpGet['path'] === '') httpGet['path'] = '/';
  }
}

/** What a limit says of a resource is also its request. */
function defaultRequests(container: JsonObject): void {
  const resources = objectAt(container, 'resources');
  const limits = objectAt(resources, 'limits');
  if (resources === undefined || limits === undefined) return;
  resources['requests'] = { ...limits, ...objectAt(resources, 'requests') };
}

const VOLUME_TYPE_EMPTY_DIR = { emptyDir: {} };

/** Defaults of a pod's spec, in a pod or in a template. Changes it in place. */
export function defaultPodSpec(spec: JsonObject): void {
  for (const list of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of objectsAt(spec, list)) {
      defaultContainer(container);
      if (spec['hostNetwork'] === true) defaultHostPorts(container);
    }
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    if (Object.keys(volume).every((key) => key === 'name'))
      Object.assign(volume, structuredClone(VOLUME_TYPE_EMPTY_DIR));
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    const claim = objectAt(objectAt(objectAt(volume, 'ephemeral'), 'volumeClaimTemplate'), 'spec');
    if (claim !== undefined) claim['volumeMode'] ??= 'Filesystem';
  }
  if (typeof spec['serviceAccountName'] === 'string') spec['serviceAccount'] = spec['serviceAccountName'];
  else if (typeof spec['serviceAccount'] === 'string') spec['serviceAccountName'] = spec['serviceAccount'];
}

function defaultHostPorts(container: JsonObject): void {
  for (const port of objectsAt(container, 'ports')) port['hostPort'] ??= port['containerPort'];
}

/** Defaults of pods alone, not of templates. Changes it in place. */
export function defaultPod(pod: KubeObject): void {
  const spec = pod['spec'];
  if (!isObject(spec)) return;
  defaultPodSpec(spec);
  spec['enableServiceLinks'] ??= true;
  for (const list of ['initContainers', 'containers']) objectsAt(spec, list).forEach(defaultRequests);
}

/** Defaults of a template; its metadata shows an empty time, as the server writes it. Changes it in place. */
export function defaultPodTemplate(template: JsonObject | undefined): void {
  if (template === undefined) return;
  const metadata = isObject(template['metadata']) ? template['metadata'] : {};
  const { creationTimestamp: _creationTimestamp, ...rest } = metadata;
  template['metadata'] = { creationTimestamp: null, ...rest };
  if (isObject(template['spec'])) defaultPodSpec(template['spec']);
}
