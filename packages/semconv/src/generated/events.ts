// Generated from packages/semconv/registry by `pnpm generate`; edit the registry instead.

/** Everything that became slower for one cause: it was found. The body is a sentence to display.. */
export const EVENT_QFLOW_ALERT_OPENED = 'qflow.alert.opened'

/** Everything that became slower for one cause: it came back, spread, weighs more, or somebody said something. The body is a sentence to display.. */
export const EVENT_QFLOW_ALERT_UPDATED = 'qflow.alert.updated'

/** Everything that became slower for one cause: it is over, or somebody ended it. The body is a sentence to display.. */
export const EVENT_QFLOW_ALERT_RESOLVED = 'qflow.alert.resolved'

/** An execution started; makes a running flow visible before its root span ends.. */
export const EVENT_QFLOW_EXECUTION_STARTED = 'qflow.execution.started'

/** A flow definition was seen, once per version; the source of dependency edges.. */
export const EVENT_QFLOW_FLOW_DEFINED = 'qflow.flow.defined'

/** A phase whose removal would make the flow faster: it was found. The body is a sentence to display.. */
export const EVENT_QFLOW_BOTTLENECK_OPENED = 'qflow.bottleneck.opened'

/** A phase whose removal would make the flow faster: it has new evidence. The body is a sentence to display.. */
export const EVENT_QFLOW_BOTTLENECK_UPDATED = 'qflow.bottleneck.updated'

/** A phase whose removal would make the flow faster: it no longer holds. The body is a sentence to display.. */
export const EVENT_QFLOW_BOTTLENECK_RESOLVED = 'qflow.bottleneck.resolved'

/** A lasting change of a level: it was found. The body is a sentence to display.. */
export const EVENT_QFLOW_REGRESSION_OPENED = 'qflow.regression.opened'

/** A lasting change of a level: it has new evidence. The body is a sentence to display.. */
export const EVENT_QFLOW_REGRESSION_UPDATED = 'qflow.regression.updated'

/** A lasting change of a level: it no longer holds. The body is a sentence to display.. */
export const EVENT_QFLOW_REGRESSION_RESOLVED = 'qflow.regression.resolved'

/** One execution took far longer than healthy ones do: it was found. The body is a sentence to display.. */
export const EVENT_QFLOW_ANOMALY_OPENED = 'qflow.anomaly.opened'

/** One execution took far longer than healthy ones do: more were like it. The body is a sentence to display.. */
export const EVENT_QFLOW_ANOMALY_UPDATED = 'qflow.anomaly.updated'

/** One execution took far longer than healthy ones do: it is over. The body is a sentence to display.. */
export const EVENT_QFLOW_ANOMALY_RESOLVED = 'qflow.anomaly.resolved'

/** Something to do, with its predicted gain: it was found. The body is a sentence to display.. */
export const EVENT_QFLOW_RECOMMENDATION_OPENED = 'qflow.recommendation.opened'

/** Something to do, with its predicted gain: it has new evidence. The body is a sentence to display.. */
export const EVENT_QFLOW_RECOMMENDATION_UPDATED = 'qflow.recommendation.updated'

/** Something to do, with its predicted gain: it no longer holds. The body is a sentence to display.. */
export const EVENT_QFLOW_RECOMMENDATION_RESOLVED = 'qflow.recommendation.resolved'
