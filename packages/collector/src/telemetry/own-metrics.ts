import type { MetricPoint } from '@qflow-otel/analyzer'
import {
  ATTR_EXPORTER,
  ATTR_QFLOW_COLLECTOR_CLIP_REASON,
  ATTR_QFLOW_COLLECTOR_DROP_REASON,
  ATTR_QFLOW_COLLECTOR_OUTCOME,
  ATTR_QFLOW_COLLECTOR_SIGNAL,
  ATTR_RECEIVER,
  METRIC_OTELCOL_EXPORTER_QUEUE_CAPACITY,
  METRIC_OTELCOL_EXPORTER_QUEUE_SIZE,
  METRIC_QFLOW_COLLECTOR_CLIPPED,
  METRIC_QFLOW_COLLECTOR_DROPPED,
  METRIC_QFLOW_COLLECTOR_INVALID,
  METRIC_QFLOW_COLLECTOR_REQUESTS,
} from '@qflow-otel/semconv'
import type { Accounting, SignalAccount } from '../accounting.ts'
import type { ForwarderState } from '../forward/forwarder.ts'
import { type Signal, signals } from '../receive/signal.ts'

const receiver = { [ATTR_RECEIVER]: 'otlp' }
const exporter = { [ATTR_EXPORTER]: 'otlp_http' }

/** The accounting as metric points; without a backend there is nothing to say about one. */
export function ownMetrics(
  accounting: Accounting,
  forwarder: ForwarderState | undefined,
): readonly MetricPoint[] {
  return [
    ...signals.flatMap((signal) => receiverPoints(signal, accounting)),
    ...(forwarder === undefined ? [] : exporterPoints(accounting, forwarder)),
  ]
}

function receiverPoints({ name, items }: Signal, accounting: Accounting): MetricPoint[] {
  const account = accounting.of(name)
  const signal = { [ATTR_QFLOW_COLLECTOR_SIGNAL]: name }
  return [
    {
      name: `otelcol_receiver_accepted_${items}`,
      value: account.accepted,
      attributes: receiver,
    },
    {
      name: `otelcol_receiver_refused_${items}`,
      value: sum(account.refused),
      attributes: receiver,
    },
    { name: METRIC_QFLOW_COLLECTOR_INVALID, value: account.invalid, attributes: signal },
    ...Object.entries(account.clipped).map(([reason, value]) => ({
      name: METRIC_QFLOW_COLLECTOR_CLIPPED,
      value,
      attributes: { ...signal, [ATTR_QFLOW_COLLECTOR_CLIP_REASON]: reason },
    })),
    ...Object.entries(accounting.requests(name)).map(([outcome, value]) => ({
      name: METRIC_QFLOW_COLLECTOR_REQUESTS,
      value,
      attributes: { ...signal, [ATTR_QFLOW_COLLECTOR_OUTCOME]: outcome },
    })),
  ]
}

function exporterPoints(accounting: Accounting, forwarder: ForwarderState): MetricPoint[] {
  return [
    {
      name: METRIC_OTELCOL_EXPORTER_QUEUE_SIZE,
      value: forwarder.queuedBytes,
      attributes: exporter,
    },
    {
      name: METRIC_OTELCOL_EXPORTER_QUEUE_CAPACITY,
      value: forwarder.capacityBytes,
      attributes: exporter,
    },
    ...signals.flatMap(({ name, items }) => signalPoints({ name, items }, accounting.of(name))),
  ]
}

function signalPoints(
  { name, items }: Pick<Signal, 'name' | 'items'>,
  account: SignalAccount,
): MetricPoint[] {
  const failed = account.refusedByBackend + sum(account.dropped)
  return [
    { name: `otelcol_exporter_sent_${items}`, value: account.sent, attributes: exporter },
    { name: `otelcol_exporter_send_failed_${items}`, value: failed, attributes: exporter },
    {
      name: `otelcol_exporter_enqueue_failed_${items}`,
      value: account.refused.queue_full,
      attributes: exporter,
    },
    ...Object.entries(account.dropped).map(([reason, value]) => ({
      name: METRIC_QFLOW_COLLECTOR_DROPPED,
      value,
      attributes: {
        [ATTR_QFLOW_COLLECTOR_SIGNAL]: name,
        [ATTR_QFLOW_COLLECTOR_DROP_REASON]: reason,
      },
    })),
  ]
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
