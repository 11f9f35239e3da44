/** One open watch of a scenario and the events it has brought. */
import type { ApiResponse } from '../../../src/kube/index.js';

export interface Event {
  readonly type: string;
  readonly object: unknown;
}

export class OpenWatch {
  readonly events: Event[] = [];
  ended = false;
  private text = '';
  private readonly reading: Promise<void>;

  constructor(
    readonly response: ApiResponse,
    private readonly abort: AbortController,
  ) {
    this.reading = this.read().catch((error: unknown) => {
      if (!abort.signal.aborted) throw error; // a connection that was closed here ends with an error
    });
  }

  private async read(): Promise<void> {
    for await (const chunk of this.response.body) {
      this.text += Buffer.from(chunk).toString('utf8');
      if (this.response.status !== 200) continue;
      const lines = this.text.split('\n');
      this.text = lines.pop() ?? '';
      for (const line of lines) if (line !== '') this.events.push(JSON.parse(line) as Event);
    }
    this.ended = true;
  }

  /** What was not an event: the body of a refusal. */
  get rest(): string {
    return this.text;
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.reading;
  }
}

/** Consecutive bookmarks count as one. */
export function withoutRepeatedBookmarks(events: readonly Event[]): Event[] {
  return events.filter((event, index) => event.type !== 'BOOKMARK' || events[index + 1]?.type !== 'BOOKMARK');
}
