/** Refusals of the API server, in its own words: meta/v1 Status values and the field errors inside an Invalid one. */
import type { Status } from '../../kube/index.js';

/** One entry of k8s.io/apimachinery/pkg/util/validation/field. */
export interface FieldError {
  /** `FieldValueInvalid`, `FieldValueRequired`, … */
  readonly reason: string;
  /** `spec.template.spec.containers[0].name` */
  readonly field: string;
  /** As printed after the field: `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** Thrown inside the API server and answered as it is; nothing else may reach a client. */
export class StatusError extends Error {
  readonly status: Status;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: Status, headers: Readonly<Record<string, string>> = {}) {
    super(status.message ?? '');
    this.name = 'StatusError';
    this.status = status;
    this.headers = headers;
  }
}
