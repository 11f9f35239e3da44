/**
 * Rules that tie fields together: one table for the CRD (CEL, checked by the API server) and for `validate`
 * (the same check in TypeScript, for the operator and the command line). Most rules without `cel` speak of values
 * whose type the CRD cannot name, which CEL does not see.
 */
import { parseQuantity } from '../base/index.js';
import { MAX_NAME_LENGTH } from './conventions.js';
import type { FeatureSpec } from './feature.js';
import type { ModelDeployment, ModelDeploymentSpec } from './modelDeployment.js';
import type { Scalar } from './schema/schema.js';

interface RuleAt<Path extends string, Self> {
  /** Where `self` is: a schema path, `[]` standing for every element of a list. Empty for the whole object. */
  readonly at: Path;
  readonly cel?: string;
  /** True when the value keeps the rule. `old` is there in an update; rules about it hold when it is not. */
  readonly check: (self: Self, old?: Self) => boolean;
  readonly message: string;
  /** The field to blame, relative to `at`. */
  readonly fieldPath?: string;
}

export type Rule =
  | RuleAt<'', ModelDeployment>
  | RuleAt<'spec', ModelDeploymentSpec>
  | RuleAt<'spec.model', ModelDeploymentSpec['model']>
  | RuleAt<'spec.source', ModelDeploymentSpec['source']>
  | RuleAt<'spec.autoscaling', NonNullable<ModelDeploymentSpec['autoscaling']>>
  | RuleAt<'spec.autoscaling.metrics', NonNullable<ModelDeploymentSpec['autoscaling']>['metrics']>
  | RuleAt<'spec.resources', NonNullable<ModelDeploymentSpec['resources']>>
  | RuleAt<'spec.cache.redis', NonNullable<ModelDeploymentSpec['cache']['redis']>>
  | RuleAt<'spec.input.features[]', FeatureSpec>;

const NAME = new RegExp(`^[a-z]([-a-z0-9]{0,${MAX_NAME_LENGTH - 2}}[a-z0-9])?$`);

export const RULES: readonly Rule[] = [
  {
    at: '',
    // The name is a DNS subdomain already; a regular expression over a text without a bound costs more than CEL may.
    cel: `size(self.metadata.name) <= ${MAX_NAME_LENGTH} && self.metadata.name >= 'a' && !self.metadata.name.contains('.')`,
    check: (self) => NAME.test(self.metadata.name),
    message: `metadata.name must start with a letter and have at most ${MAX_NAME_LENGTH} lower-case letters, digits and dashes: a Service is named after it`,
  },
  {
    at: 'spec',
    cel: '!(has(self.replicas) && has(self.autoscaling))',
    check: (self) => self.replicas === undefined || self.autoscaling === undefined,
    message: 'replicas and autoscaling exclude each other; remove one of them',
    fieldPath: '.replicas',
  },
  {
    at: 'spec',
    cel: '!has(self.slo)',
    check: (self) => self.slo === undefined,
    message: 'this version does not act on service level objectives; remove slo',
    fieldPath: '.slo',
  },
  {
    at: 'spec.model',
    cel: 'self.name == oldSelf.name',
    check: (self, old) => old === undefined || self.name === old.name,
    message: 'the name of the model cannot be changed; make another ModelDeployment for another model',
    fieldPath: '.name',
  },
  {
    at: 'spec.model',
    cel: '!has(self.previous) || self.previous.version != self.version',
    check: (self) => self.previous === undefined || self.previous.version !== self.version,
    message: 'the previous version must differ from the version',
    fieldPath: '.previous',
  },
  {
    at: 'spec.source',
    cel: '!has(self.http) && !has(self.s3)',
    check: (self) => self.http === undefined && self.s3 === undefined,
    message: 'this version fetches no models over http or s3; put them in the image or on a pvc',
  },
  {
    at: 'spec.source',
    cel: 'has(self.image) != has(self.pvc)',
    check: (self) => (self.image === undefined) !== (self.pvc === undefined),
    message: 'exactly one of image and pvc must be given',
  },
  {
    at: 'spec.autoscaling',
    cel: 'self.minReplicas <= self.maxReplicas',
    check: (self) => self.minReplicas <= self.maxReplicas,
    message: 'minReplicas must not exceed maxReplicas',
    fieldPath: '.minReplicas',
  },
  {
    at: 'spec.autoscaling.metrics',
    cel: 'has(self.cpuPercent) || has(self.memoryPercent)',
    check: (self) => self.cpuPercent !== undefined || self.memoryPercent !== undefined,
    message: 'at least one of cpuPercent and memoryPercent must be given',
  },
  {
    at: 'spec.resources',
    // No CEL: a quantity may be an integer or a text without a bound, which makes quantity() too costly to be allowed.
    check: (self) =>
      Object.entries(self.requests ?? {}).every(([name, request]) => {
        const limit = self.limits?.[name];
        return limit === undefined || (parseQuantity(request) ?? 0) <= (parseQuantity(limit) ?? 0);
      }),
    message: 'a request must not exceed its limit',
    fieldPath: '.requests',
  },
  {
    at: 'spec.cache.redis',
    cel: 'has(self.managed) != has(self.secretRef)',
    check: (self) => (self.managed === undefined) !== (self.secretRef === undefined),
    message: 'exactly one of managed and secretRef must be given',
  },
  {
    at: 'spec.input.features[]',
    cel: "self.type in ['number', 'integer'] || !(has(self.minimum) || has(self.maximum))",
    check: (self) => isNumeric(self) || (self.minimum === undefined && self.maximum === undefined),
    message: 'minimum and maximum are for number and integer features only',
  },
  {
    at: 'spec.input.features[]',
    cel: '!has(self.minimum) || !has(self.maximum) || self.minimum <= self.maximum',
    check: (self) => self.minimum === undefined || self.maximum === undefined || self.minimum <= self.maximum,
    message: 'minimum must not exceed maximum',
    fieldPath: '.minimum',
  },
  {
    at: 'spec.input.features[]',
    check: (self) => (self.enum ?? []).every((value) => isOfType(self, value)),
    message: 'every value of enum must be of the type of the feature',
    fieldPath: '.enum',
  },
  {
    at: 'spec.input.features[]',
    check: (self) => self.default === undefined || isAllowed(self, self.default),
    message: 'default must be a value the feature allows (type, enum, minimum, maximum)',
    fieldPath: '.default',
  },
  {
    at: 'spec.input.features[]',
    check: (self) => self.example === undefined || isAllowed(self, self.example),
    message: 'example must be a value the feature allows (type, enum, minimum, maximum)',
    fieldPath: '.example',
  },
];

function isNumeric(feature: FeatureSpec): boolean {
  return feature.type === 'number' || feature.type === 'integer';
}

function isOfType(feature: FeatureSpec, value: Scalar): boolean {
  if (feature.type === 'integer') return Number.isSafeInteger(value);
  if (feature.type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === feature.type;
}

function isAllowed(feature: FeatureSpec, value: Scalar): boolean {
  if (!isOfType(feature, value)) return false;
  if (feature.enum !== undefined && !feature.enum.includes(value)) return false;
  if (typeof value !== 'number') return true;
  return value >= (feature.minimum ?? -Infinity) && value <= (feature.maximum ?? Infinity);
}
