import fc from 'fast-check';
import {
  validateMetadata,
  validateMetadataUpdate,
} from '../../../../src/local/apiserver/validation/index.js';
import {
  canonicalQuantity,
  compareQuantities,
  isQuantity,
} from '../../../../src/local/apiserver/validation/quantities.js';
import { unreadableText } from '../../../../src/local/apiserver/validation/unreadable-text.js';

describe('quantities', () => {
  it.each([
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['2000', '2k'],
    ['1024', '1024'],
    ['0Ki', '0'],
    ['-1', '-1'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['100u', '100u'],
    ['.5', '500m'],
  ])('%s is stored as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['', 'lots', '1.2.3', '1 Gi', 'Gi', '1gi', '--1', '1'.repeat(200)])('%j is none', (text) => {
    expect(isQuantity(text)).toBe(false);
  });

  it('have one text for one value', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi');
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), suffix, (number, unit) => {
        const text = `${number}${unit}`;
        const canonical = canonicalQuantity(text) ?? '';
        expect(compareQuantities(text, canonical)).toBe(0);
        expect(canonicalQuantity(canonical)).toBe(canonical);
      }),
      { seed: 11 },
    );
  });
});

describe('texts of typed fields', () => {
  it.each([
    ['date-time', '2026-01-02T03:04:05Z', undefined],
    ['date-time', '2026-01-02T03:04:05.5+01:00', undefined],
    [
      'date-time',
      'soon',
      'parsing time "soon" as "2006-01-02T15:04:05Z07:00": cannot parse "soon" as "2006"',
    ],
    ['micro-time', '2026-01-02T03:04:05.000001Z', undefined],
    [
      'micro-time',
      '2026-01-02T03:04:05Z',
      'parsing time "2026-01-02T03:04:05Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
    ['byte', 'eA==', undefined],
    ['byte', '***', 'illegal base64 data at input byte 0'],
    ['byte', 'abc', 'illegal base64 data at input byte 0'],
    ['quantity', '1Gi', undefined],
    [undefined, 'anything', undefined],
  ])('%s %j', (format, text, problem) => {
    expect(unreadableText(format, text)).toBe(problem);
  });
});

describe('metadata', () => {
  const errors = (meta: object) =>
    validateMetadata({ name: 'a', ...meta }, { namespaced: true }).map(
      ({ field, message }) => `${field}: ${message}`,
    );

  it('takes what a usual object has', () => {
    const labels = { 'app.kubernetes.io/name': 'x', empty: '' };
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'o', uid: 'u', controller: true };
    expect(
      errors({ labels, annotations: { 'K/UPPER': 'any ☃' }, ownerReferences: [owner], finalizers: ['a/b'] }),
    ).toEqual([]);
  });

  it.each<[object, string]>([
    [
      { labels: { 'a/b/c': 'v' } },
      'metadata.labels: Invalid value: "a/b/c": a qualified name must consist of',
    ],
    [
      { labels: { ok: '-' } },
      'metadata.labels: Invalid value: "-": a valid label must be an empty string or consist of',
    ],
    [
      { finalizers: ['plain'] },
      'metadata.finalizers[0]: Invalid value: "plain": name is neither a standard finalizer name',
    ],
    [
      { annotations: { a: 'x'.repeat(262_145) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
    [{ name: '' }, 'metadata.name: Required value: name or generateName is required'],
    [
      { ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'x', uid: '' }] },
      'metadata.ownerReferences.uid: Invalid value: "": uid must not be empty',
    ],
  ])('refuses %j', (meta, expected) => {
    const found = errors(meta);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it('gets no new finalizers once it is being deleted', () => {
    const old = { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/one'] };
    const changed = { ...old, finalizers: ['a/one', 'a/two'] };
    expect(validateMetadataUpdate(changed, old).map(({ reason }) => reason)).toEqual(['FieldValueForbidden']);
    expect(validateMetadataUpdate({ ...old, finalizers: [] }, old)).toEqual([]);
  });
});
