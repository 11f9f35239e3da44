import { createLogger } from '../../../src/base/index.js';
import { createClient, resourceTypes } from '../../../src/kube/index.js';
import { ScriptedTransport } from '../../support/scriptedTransport.js';
import { VirtualClock } from '../../support/virtualClock.js';

describe('warnings of an API server', () => {
  it('are logged, each text once', async () => {
    const logged: string[] = [];
    const destination = {
      write: (line: string) => void logged.push((JSON.parse(line) as { warning: string }).warning),
    };
    const warning = '299 - "unknown field \\"spec.x\\"", 299 - "policy/v1beta1 is deprecated"';
    const transport = new ScriptedTransport(() => ({
      headers: { warning },
      body: { items: [], metadata: {} },
    }));
    const client = createClient({
      transport,
      fieldManager: 'test',
      clock: new VirtualClock(),
      logger: createLogger({ level: 'warn', name: 'test', destination }),
    });
    await client.list(resourceTypes.pods);
    await client.list(resourceTypes.pods);
    expect(logged).toEqual(['unknown field "spec.x"', 'policy/v1beta1 is deprecated']);
  });
});
