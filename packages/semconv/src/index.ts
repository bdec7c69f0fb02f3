export const schemaUrl: string = 'x'
