import { expect, test } from 'vitest'
import * as surface from './index.ts'

test('the package exports these names', () => {
  expect(Object.keys(surface).sort()).toEqual([
    'COLLECTOR_VERSION',
    'DEFAULT_EXECUTION_LIMIT',
    'ListenError',
    'MAX_EXECUTION_LIMIT',
    'PortInUseError',
    'QUERY_SCHEMA_VERSION',
    'SettingError',
    'StateDirectoryError',
    'StateDirectoryInUseError',
    'detectionOf',
    'queryAlerts',
    'queryDetection',
    'queryExecution',
    'queryExecutions',
    'queryFindings',
    'queryReport',
    'queryWhy',
    'resolveSettings',
    'settingDefinitions',
    'startCollector',
  ])
})
