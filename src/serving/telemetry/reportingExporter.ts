/** A collector that cannot be reached costs spans and nothing else; one line tells so, and one that it is over. */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { type Logger, messageOf } from '../../base/index.js';

export class ReportingExporter implements SpanExporter {
  readonly #next: SpanExporter;
  readonly #logger: Logger;
  #failing = false;

  constructor(next: SpanExporter, logger: Logger) {
    this.#next = next;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#next.export(spans, (result) => {
      this.#tell(result);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#next.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#next.shutdown();
  }

  #tell(result: ExportResult): void {
    const failed = result.code !== ExportResultCode.SUCCESS;
    if (failed === this.#failing) return;
    this.#failing = failed;
    if (failed)
      this.#logger.warn(
        { reason: messageOf(result.error) },
        'traces cannot be sent; spans are lost meanwhile',
      );
    else this.#logger.info('traces are sent again');
  }
}
