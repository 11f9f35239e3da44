import { describe, expect, it } from '@jest/globals';
import { tracingFrom } from '../../src/cli/tracing.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

function valueOf(environment: Readonly<Record<string, string>>) {
  const config = tracingFrom({ ...ENDPOINT, ...environment }, '1.2.3');
  if (!config.ok) throw new Error(config.error.message);
  return config.value;
}

describe("OpenTelemetry's variables", () => {
  it.each([
    ['no collector is named', {}],
    ['the name is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    ['the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    ['no exporter is wanted', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  ])('mean no tracing where %s', (_what, environment) => {
    expect(tracingFrom(environment, '1.2.3')).toEqual({ ok: true, value: undefined });
  });

  it("have the specification's defaults", () => {
    expect(valueOf({})).toEqual({
      url: 'http://collector:4318/v1/traces',
      headers: {},
      timeoutMs: 10_000,
      compression: 'none',
      sampling: { ratio: 1, parentDecides: true },
      queue: { maxSpans: 2_048, maxBatch: 512, delayMs: 5_000 },
      resource: { 'service.name': 'gantry-serve', 'service.version': '1.2.3' },
    });
  });

  it('of traces alone come before those of all signals, and their URL is whole', () => {
    const config = valueOf({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/in',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000',
    });
    expect(config).toMatchObject({ url: 'https://traces/in', timeoutMs: 2_000 });
  });

  it('have pairs whose values are percent-encoded, and a service name that may be among them', () => {
    const config = valueOf({
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YTpi, x-scope = a=b,broken,percent=%',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=pricing,team=risk',
    });
    expect(config?.headers).toEqual({ authorization: 'Basic YTpi', 'x-scope': 'a=b', percent: '%' });
    expect(config?.resource).toEqual({ 'service.name': 'pricing', 'service.version': '1.2.3', team: 'risk' });
  });

  it.each([
    ['always_on', undefined, { ratio: 1, parentDecides: false }],
    ['always_off', undefined, { ratio: 0, parentDecides: false }],
    ['traceidratio', '0.25', { ratio: 0.25, parentDecides: false }],
    ['parentbased_traceidratio', '0.25', { ratio: 0.25, parentDecides: true }],
    ['parentbased_always_off', undefined, { ratio: 0, parentDecides: true }],
  ])('name the sampler %s', (OTEL_TRACES_SAMPLER, argument, sampling) => {
    const environment: Record<string, string> = { OTEL_TRACES_SAMPLER };
    if (argument !== undefined) environment.OTEL_TRACES_SAMPLER_ARG = argument;
    expect(valueOf(environment)?.sampling).toEqual(sampling);
  });

  it.each([
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ])('are refused with a remedy when %s is %s', (variable, value) => {
    const config = tracingFrom({ ...ENDPOINT, [variable]: value }, '1.2.3');
    expect(config).toMatchObject({ ok: false, error: { code: 'TracingInvalid', place: variable } });
    expect(config.ok ? '' : config.error.remedy).toMatch(/^set it to /);
  });
});
