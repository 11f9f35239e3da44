/**
 * Where model versions live: ROOT/STAGE/NAME/VERSION/{model.onnx, model.json, card.md}. Names and versions come from
 * users, so a path is only ever built from parts that match these patterns: nothing can climb out of ROOT.
 */
import path from 'node:path';
import { fail, ok, problem, type Result } from '../base/index.js';

/** The order in which a version is looked up: what serves users first. */
export const STAGES = ['production', 'staging', 'archive'] as const;
export type Stage = (typeof STAGES)[number];

export const MODEL_FILE = 'model.onnx';
export const METADATA_FILE = 'model.json';

/** RFC 1123 label, so that a model's name can be a Kubernetes name too. */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const VERSION = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

export function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}

export function isModelName(text: string): boolean {
  return NAME.test(text);
}

export function isVersion(text: string): boolean {
  return VERSION.test(text) && !text.includes('..');
}

/** ROOT/STAGE/NAME/VERSION, or a Problem naming the part that cannot be one. */
export function versionFolder(root: string, stage: Stage, name: string, version: string): Result<string> {
  if (!isModelName(name)) {
    return fail(problem('InvalidName', name, 'not a model name', 'use lower-case letters, digits and "-"'));
  }
  if (!isVersion(version)) {
    return fail(problem('InvalidVersion', version, 'not a version', 'use letters, digits, ".", "_" and "-"'));
  }
  return ok(path.join(root, stage, name, version));
}

/** Versions in the order people mean: 2 before 10, 1.9 before 1.10. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
