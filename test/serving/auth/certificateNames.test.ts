import { Socket } from 'node:net';
import { certificateNamesOf, namesOfCertificate } from '../../../src/serving/auth/index.js';

function names(subjectaltname: string | undefined, CN: unknown): readonly string[] {
  return namesOfCertificate({ subjectaltname, subject: { CN } } as Parameters<typeof namesOfCertificate>[0]);
}

describe("the names in a client's certificate", () => {
  test.each<[string | undefined, unknown, string[]]>([
    ['DNS:a.example, IP Address:127.0.0.1, DNS:b.example', 'trader', ['a.example', 'b.example', 'trader']],
    [undefined, 'trader', ['trader']],
    [undefined, undefined, []],
    // As node writes a single DNS name of "a, DNS:evil".
    ['DNS:"a\\u002c DNS:evil"', undefined, []],
    ['URI:spiffe://x/ns/y', undefined, []],
    [undefined, ['trader', 'admin'], []],
    [undefined, 'trader\nadmin', []],
  ])('%j and %j give %j', (subjectaltname, common, expected) => {
    expect(names(subjectaltname, common)).toEqual(expected);
  });

  test('are none on a connection without TLS', () => {
    expect(certificateNamesOf(new Socket())).toEqual([]);
  });
});
