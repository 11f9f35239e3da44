import { lastLine, podReport, reasonOfCode } from '../../../src/operator/plan/podReport.js';

const report = { code: 'DigestMismatch', place: 'models/a', message: 'it differs', remedy: 'restore it' };
const ended = (message: string) => ({ exitCode: 1, message });

describe('the report in a termination message', () => {
  test.each([
    ['alone', JSON.stringify(report)],
    ['at the end of a log', `{"level":"info","msg":"starting"}\n${JSON.stringify(report)}\n`],
    ['after a line that was cut', `l":"info","msg":"x"}\n${JSON.stringify(report)}`],
    ['before what other streams wrote', `${JSON.stringify(report)}\ngantry: it differs\n`],
    ['with more fields', JSON.stringify({ ...report, pid: 1 })],
  ])('is found %s', (_where, message) => {
    expect(podReport(ended(message))).toEqual(report);
  });

  test.each([
    '',
    'Segmentation fault',
    '{"level":"error","msg":"x"}',
    '{"code":1,"message":"x"}',
    '{',
    'null',
    '[]',
  ])('is not seen in %j', (message) => {
    expect(podReport(ended(message))).toBeUndefined();
    expect(podReport({ exitCode: 137 })).toBeUndefined();
  });

  test('may lack a place and a remedy', () => {
    expect(podReport(ended('{"code":"A","message":"b"}'))).toEqual({
      code: 'A',
      message: 'b',
      place: '',
      remedy: '',
    });
  });

  test('has a reason for every code, known or not', () => {
    expect(reasonOfCode('ModelUnloadable')).toBe('InvalidModel');
    expect(reasonOfCode('constructor')).toBe('StartFailed');
  });
});

test('of a log without a report the last line is shown, shortened', () => {
  expect(lastLine(ended('a\nb\n\n'))).toBe('b');
  expect(lastLine(ended('x'.repeat(500)))).toHaveLength(200);
  expect(lastLine({ exitCode: 1 })).toBe('');
});
