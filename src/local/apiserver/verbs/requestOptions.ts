/** CreateOptions, UpdateOptions, PatchOptions and DeleteOptions of meta/v1: what they allow and how refusals read. */
import { type FieldError, invalid } from '../status.js';

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly force: boolean | undefined;
  readonly fieldValidation: FieldValidation;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const MAX_MANAGER_BYTES = 128;

export function dryRunErrors(values: readonly string[]): FieldError[] {
  if (values.length === 0 || values.every((value) => value === 'All')) return [];
  const shown = `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;
  return [
    {
      reason: 'FieldValueNotSupported',
      field: 'dryRun',
      message: `Unsupported value: ${shown}: supported values: "All"`,
    },
  ];
}

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > MAX_MANAGER_BYTES) {
    const message = `Too long: may not be more than ${MAX_MANAGER_BYTES} bytes`;
    return [{ reason: 'FieldValueTooLong', field: 'fieldManager', message }];
  }
  const characters = [...manager];
  const bad = characters.findIndex((char) => /[\p{C}\p{Zl}\p{Zp}]/u.test(char));
  if (bad < 0) return [];
  const code = (characters[bad]?.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const message = `Invalid value: ${JSON.stringify(manager)}: invalid character U+${code} (at position ${bad})`;
  return [{ reason: 'FieldValueInvalid', field: 'fieldManager', message }];
}

function validationErrors(value: string): FieldError[] {
  if (['', 'Ignore', 'Strict', 'Warn'].includes(value)) return [];
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "", "Ignore", "Strict", "Warn"`;
  return [{ reason: 'FieldValueNotSupported', field: 'fieldValidation', message }];
}

/** The options of a write from its query string. Throws 422. */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: OptionsKind,
  userAgent: string,
  apply = false,
): WriteOptions {
  const dryRun = query.getAll('dryRun');
  const manager = query.get('fieldManager') ?? '';
  const fieldValidation = query.get('fieldValidation') ?? '';
  const force = query.has('force') ? query.get('force') !== 'false' && query.get('force') !== '0' : undefined;
  const errors = [
    ...dryRunErrors(dryRun),
    ...(kind === 'PatchOptions' ? patchErrors(manager, force, apply) : []),
    ...managerErrors(manager),
    ...validationErrors(fieldValidation),
  ];
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager === '' ? userAgent : manager,
    force,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
  };
}

function patchErrors(manager: string, force: boolean | undefined, apply: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!apply && force !== undefined) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: 'force',
      message: 'Forbidden: may not be specified for non-apply patch',
    });
  }
  if (apply && manager === '') {
    errors.push({
      reason: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  }
  return errors;
}

/** The default field manager: what the User-Agent says before its first slash. */
export function managerOf(userAgent: string | undefined): string {
  const product = (userAgent ?? '').split('/')[0] ?? '';
  const printable = product.replace(/[^\x20-\x7e]/g, '');
  return printable === '' ? 'unknown' : printable.slice(0, MAX_MANAGER_BYTES);
}
