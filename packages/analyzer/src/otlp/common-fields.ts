import { BYTES, FIXED64, tagOf, VARINT } from './wire.ts'

// opentelemetry/proto/common/v1/common.proto
// KeyValue: 1 key string, 2 value AnyValue. ArrayValue: 1 values AnyValue. KeyValueList: 1 values KeyValue.
// AnyValue: 1 string, 2 bool, 3 int (int64), 4 double, 5 ArrayValue, 6 KeyValueList, 7 bytes.
export const KEY: number = tagOf(1, BYTES)
export const VALUE: number = tagOf(2, BYTES)
export const STRING: number = tagOf(1, BYTES)
export const BOOL: number = tagOf(2, VARINT)
export const INT: number = tagOf(3, VARINT)
export const DOUBLE: number = tagOf(4, FIXED64)
export const ARRAY: number = tagOf(5, BYTES)
export const KVLIST: number = tagOf(6, BYTES)
export const BYTES_VALUE: number = tagOf(7, BYTES)
export const VALUES: number = tagOf(1, BYTES)
