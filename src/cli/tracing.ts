/**
 * OpenTelemetry's environment variables as configuration.
 * Source: OpenTelemetry specification, "Environment Variable Specification" and "OpenTelemetry Protocol Exporter".
 */
import { fail, ok, problem, type Result } from '../base/index.js';
import type { TraceSampling, TracingConfig } from '../serving/index.js';
import type { CommandIo } from './io.js';

type Environment = CommandIo['environment'];

/** Undefined where no collector is named, or tracing is turned off: then nothing of it is loaded. */
export function tracingFrom(environment: Environment, version: string): Result<TracingConfig | undefined> {
  const url = collectorUrl(environment);
  const off =
    environment.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || environment.OTEL_TRACES_EXPORTER === 'none';
  if (url === undefined || off) return ok(undefined);
  if (!isHttpUrl(url)) return refused('OTEL_EXPORTER_OTLP_ENDPOINT', url, 'http://collector:4318');
  const protocol = exporterSetting(environment, 'PROTOCOL') ?? 'http/json';
  if (protocol === 'grpc')
    return refused(
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      protocol,
      'http/json, and the port of OTLP over HTTP, 4318',
    );
  const sampling = samplingFrom(environment);
  if (!sampling.ok) return sampling;
  return ok({
    url,
    headers: pairsOf(exporterSetting(environment, 'HEADERS')),
    timeoutMs: wholeNumber(exporterSetting(environment, 'TIMEOUT'), 10_000),
    compression: exporterSetting(environment, 'COMPRESSION') === 'gzip' ? 'gzip' : 'none',
    sampling: sampling.value,
    queue: {
      maxSpans: wholeNumber(environment.OTEL_BSP_MAX_QUEUE_SIZE, 2_048),
      maxBatch: wholeNumber(environment.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, 512),
      delayMs: wholeNumber(environment.OTEL_BSP_SCHEDULE_DELAY, 5_000),
    },
    resource: {
      'service.version': version,
      ...pairsOf(environment.OTEL_RESOURCE_ATTRIBUTES),
      'service.name':
        set(environment.OTEL_SERVICE_NAME) ??
        pairsOf(environment.OTEL_RESOURCE_ATTRIBUTES)['service.name'] ??
        'gantry-serve',
    },
  });
}

function refused(variable: string, value: string, instead: string): Result<never> {
  return fail(
    problem('TracingInvalid', variable, `${value} cannot be used`, `set it to ${instead}, or unset it`),
  );
}

/** The specification has empty variables mean unset ones. */
function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

/** The setting of traces alone comes before the one of all signals. */
function exporterSetting(environment: Environment, name: string): string | undefined {
  return (
    set(environment[`OTEL_EXPORTER_OTLP_TRACES_${name}`]) ?? set(environment[`OTEL_EXPORTER_OTLP_${name}`])
  );
}

function collectorUrl(environment: Environment): string | undefined {
  const own = set(environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT);
  const base = set(environment.OTEL_EXPORTER_OTLP_ENDPOINT);
  return own ?? (base === undefined ? undefined : `${base.replace(/\/$/, '')}/v1/traces`);
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  return /^[1-9]\d{0,8}$/.test(text ?? '') ? Number(text) : otherwise;
}

/** `key1=value1,key2=value2`, the values percent-encoded. Source: W3C Baggage, without properties. */
function pairsOf(text: string | undefined): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const pair of (text ?? '').split(',')) {
    const at = pair.indexOf('=');
    if (at > 0) pairs[pair.slice(0, at).trim()] = decoded(pair.slice(at + 1).trim());
  }
  return pairs;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function samplingFrom(environment: Environment): Result<TraceSampling> {
  const name = set(environment.OTEL_TRACES_SAMPLER) ?? 'parentbased_always_on';
  const parentDecides = name.startsWith('parentbased_');
  const argument = Number(set(environment.OTEL_TRACES_SAMPLER_ARG) ?? 1);
  switch (name.replace('parentbased_', '')) {
    case 'always_on':
      return ok({ ratio: 1, parentDecides });
    case 'always_off':
      return ok({ ratio: 0, parentDecides });
    case 'traceidratio':
      return argument >= 0 && argument <= 1
        ? ok({ ratio: argument, parentDecides })
        : refused('OTEL_TRACES_SAMPLER_ARG', String(argument), 'a number from 0 to 1');
    default:
      return refused(
        'OTEL_TRACES_SAMPLER',
        name,
        'always_on, always_off, traceidratio, or one of them after parentbased_',
      );
  }
}
