import { FIELD_MANAGER } from '../api/index.js';
import type { Clock, Logger, MetricsRegistry, Random } from '../base/index.js';
import { type Client, createController, createEventRecorder, createLeaderElector } from '../kube/index.js';
import type { OperatorConfig } from './config.js';
import { allInformers, createInformers, subscribe } from './informers.js';
import { exposeState } from './metrics.js';
import { createReconcile } from './reconcile.js';

export interface OperatorParts {
  /** Its field manager must be `FIELD_MANAGER`. */
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly config: OperatorConfig;
}

export interface Operator {
  /** Whether it has seen the cluster's state once and is at work, or stands by for the leader. */
  isReady(): boolean;
  /** Runs until the signal aborts, or until the lease is lost; then everything it started has stopped. */
  run(signal: AbortSignal): Promise<void>;
}

const LEASE = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** The controller of ModelDeployments. All state is in the API server: a process that dies loses nothing. */
export function createOperator(parts: OperatorParts): Operator {
  const { client, clock, random, logger, metrics, config } = parts;
  const { identity, leaderElection } = config;
  let ready = false;

  const work = async (signal: AbortSignal): Promise<void> => {
    const informers = createInformers(parts, config.namespace);
    exposeState(metrics, informers.modelDeployments.store);
    const recorder = createEventRecorder({
      client,
      component: FIELD_MANAGER,
      instance: identity,
      clock,
      random,
      logger,
      metrics,
    });
    const controller = createController({
      name: 'modeldeployment',
      workers: config.workers,
      reconcile: createReconcile({ client, informers, recorder, clock, config }),
      clock,
      random,
      logger,
      metrics,
    });
    const running = allInformers(informers).map((informer) => informer.run(signal));
    await Promise.all(allInformers(informers).map((informer) => informer.synced(signal)));
    if (!signal.aborted) {
      ready = true;
      logger.info('the operator is at work');
      subscribe(informers, (key) => controller.enqueue(key));
      await controller.run(signal);
    }
    recorder.close();
    await Promise.all(running);
  };

  return {
    isReady: () => ready,
    async run(signal) {
      if (leaderElection === undefined) {
        await work(signal);
        return;
      }
      ready = true;
      // As client-go's operators do: a lost lease ends the run, and whoever supervises the process starts another.
      const lost = new AbortController();
      const elector = createLeaderElector({
        client,
        ...leaderElection,
        identity,
        ...LEASE,
        clock,
        random,
        logger,
        metrics,
      });
      await elector.run(
        { onStarted: work, onStopped: () => lost.abort() },
        AbortSignal.any([signal, lost.signal]),
      );
    },
  };
}
