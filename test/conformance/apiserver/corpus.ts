/** The recorded scenarios: their shape, and where they are. See ../apiserver-corpus/README.md. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly bodyText?: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
  readonly events?: readonly { readonly type: string; readonly object: unknown }[];
  readonly closedBy?: 'client' | 'server';
}

export interface Step {
  readonly note?: string;
  readonly request?: RecordedRequest;
  readonly response?: RecordedResponse;
  readonly action?: 'wait' | 'compact';
  readonly seconds?: number;
  readonly during?: boolean;
  readonly watch?: boolean;
  readonly poll?: boolean;
  readonly subset?: boolean;
  readonly anyOrder?: boolean;
  readonly mayOmit?: boolean;
  readonly itemsByName?: boolean;
  readonly shape?: boolean;
  readonly headOnly?: boolean;
  readonly informative?: boolean;
  readonly initialAnyOrder?: number;
  readonly firstAndLast?: boolean;
}

export interface SetupStep {
  readonly request: RecordedRequest;
  readonly status: number;
  readonly bind?: unknown;
  readonly poll?: boolean;
  readonly until?: unknown;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly server: string;
  readonly strip: readonly string[];
  readonly rvOrdered?: boolean;
  readonly setup?: readonly SetupStep[];
  readonly steps: readonly Step[];
  readonly teardown?: readonly Pick<RecordedRequest, 'method' | 'path'>[];
}

const FOLDER = fileURLToPath(new URL('../apiserver-corpus/', import.meta.url));

/** Every scenario, by folder and name. */
export function scenarios(): Scenario[] {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders
    .flatMap((folder) =>
      readdirSync(`${FOLDER}${folder.name}`)
        .filter((file) => file.endsWith('.json'))
        .map((file) => JSON.parse(readFileSync(`${FOLDER}${folder.name}/${file}`, 'utf8')) as Scenario),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
