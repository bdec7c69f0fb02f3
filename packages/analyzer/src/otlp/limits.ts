/**
 * Bounds of what one body may make us hold. Beyond them text, attributes and links are clipped and counted; spans
 * are refused and counted. They are far above what SDKs send by default (128 attributes, 128 links), and low enough
 * that a hostile body of 64 MiB, the size OTLP recommends as maximum, cannot grow by more than a small factor.
 */
export const MAX_ATTRIBUTE_COUNT = 256

/** UTF-16 units. Names are shown and compared; the specification asks for low cardinality, so they are short. */
export const MAX_NAME_LENGTH = 1024

/**
 * UTF-16 units of what executions, flows and steps are known by: `overlongId` names the attributes. An engine's ids take some 40.
 * They are kept as keys in many places and longer than any span; shortened, two could become one, so what has a longer one is
 * refused.
 */
export const MAX_ID_LENGTH = 256

/** UTF-16 units. A graph of 1,000 steps in `qflow.flow.defined` takes some 150 KB. */
export const MAX_TEXT_LENGTH: number = 1024 * 1024

/** UTF-16 units of an attribute of a span: long enough for SQL statements, short enough to hold many. */
export const MAX_VALUE_LENGTH: number = 16 * 1024

/** Levels of lists and maps in a value. Bounds the recursion of the readers. */
export const MAX_VALUE_DEPTH = 8

/** Members of one list or map in a value. */
export const MAX_MEMBER_COUNT = 1024

/**
 * Lists and maps in the values of one protobuf body: three for each span it may hold. An empty map takes 4 bytes there, and
 * some 200 here; bodies of JSON are bounded by whoever parses them.
 */
export const MAX_COLLECTIONS_PER_BODY = 450_000

export const MAX_LINK_COUNT = 128

/**
 * Spans that are read of one request, good or bad. A 64 MiB body of ordinary spans (474 bytes each) holds 140,000; an
 * empty span takes 2 bytes.
 */
export const MAX_SPANS_PER_BODY = 150_000

/** The same of a file that Jaeger's page gives. */
export const MAX_SPANS_PER_FILE = 500_000

/** Refused spans listed with place and reason; beyond it they are counted only. */
export const MAX_LISTED_REJECTIONS = 100

/** Steps of one flow definition. */
export const MAX_FLOW_STEP_COUNT = 10_000
