import { visible } from '../../text/visible.ts'

/** SVG markup: made by `element` and `text` alone, so that whatever data says stands in it escaped. */
declare const markup: unique symbol
export type Markup = string & { readonly [markup]: true }

type AttributeText = string | number | undefined

/** An element with what is in it; attributes that are `undefined` are left out, numbers have at most two decimals. */
export function element(
  name: string,
  attributes: Readonly<Record<string, AttributeText>>,
  ...content: readonly Markup[]
): Markup {
  const parts = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escaped(shown(value))}"`],
  )
  const open = `<${name}${parts.join('')}`
  return (content.length === 0 ? `${open}/>` : `${open}>${content.join('')}</${name}>`) as Markup
}

/** Any text: controls, bidirectional marks and line breaks are shown as in the terminal, then XML's own are escaped. */
export function text(value: string, maxLength?: number): Markup {
  return escaped(visible(value, maxLength)) as Markup
}

/** Elements each on a line of its own, so that two pictures can be compared. */
export function lines(...parts: readonly Markup[]): Markup {
  return parts.map((part) => `\n${part}`).join('') as Markup
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Non-characters are not allowed in XML at all. Source: XML 1.0, production 2. */
function escaped(value: string): string {
  return value
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
    .replaceAll(/[\ufffe\uffff]/g, '\ufffd')
}

function shown(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value
}
