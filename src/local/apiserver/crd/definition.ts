/** The parts of a CustomResourceDefinition (apiextensions.k8s.io/v1) this server works with. */
import type { KubeObject } from '../../../kube/index.js';
import type { PrinterColumn, ScalePaths } from '../kinds/kind.js';
import type { Schema } from '../schema/index.js';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  shortNames?: string[];
  kind: string;
  listKind?: string;
  categories?: string[];
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: Schema };
  subresources?: { status?: object; scale?: Partial<ScalePaths> };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath?: string }[];
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface DefinitionStatus {
  conditions?: Condition[] | null;
  acceptedNames?: DefinitionNames;
  storedVersions?: string[];
}

export interface Definition extends KubeObject {
  spec: {
    group: string;
    scope: string;
    names: DefinitionNames;
    versions: DefinitionVersion[];
    conversion?: {
      strategy?: string;
      webhook?: { clientConfig?: object; conversionReviewVersions?: string[] };
    };
    preserveUnknownFields?: boolean;
  };
  status?: DefinitionStatus;
}

/** The definition's condition of a type, when it is there. */
export function conditionOf(definition: Definition, type: string): Condition | undefined {
  return definition.status?.conditions?.find((condition) => condition.type === type);
}

export function isEstablished(definition: Definition): boolean {
  return conditionOf(definition, 'Established')?.status === 'True';
}
