import { element, type Markup, text } from './markup.ts'

/** Colours of the page's own palette, for a light and a dark ground; both keep 4.5:1 for text. */
const LIGHT = {
  ground: '#ffffff',
  band: '#f6f7f9',
  line: '#dce1e8',
  text: '#1a212b',
  muted: '#5a6675',
  bad: '#bf2f2f',
  bar: '#c3cad4',
  path: '#1f5fbf',
  onPath: '#ffffff',
  pause: '#eef1f5',
}
const DARK: typeof LIGHT = {
  ground: '#0f141b',
  band: '#171e28',
  line: '#2c3746',
  text: '#e4e9f0',
  muted: '#98a5b5',
  bad: '#f07c7c',
  bar: '#414e60',
  path: '#7fb0f5',
  onPath: '#0f141b',
  pause: '#202936',
}

const FONTS = 'ui-sans-serif, system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif'

/** Further rules in the colours of a ground. */
type Rules = (palette: typeof LIGHT) => readonly string[]

/** One sheet of styles; no script, no font and no image from anywhere, and no variables: not every reader knows them. */
export function style(further: Rules = () => []): Markup {
  const css = [
    'svg { color-scheme: light dark; }',
    `text { font: 12px ${FONTS}; }`,
    '.title { font-size: 18px; font-weight: 600; }',
    '.number { font-variant-numeric: tabular-nums; text-anchor: end; }',
    '.on-path { font-weight: 500; }',
    '.end { stroke-dasharray: 3 3; }',
    '.jump { stroke-opacity: .45; }',
    ...colours(LIGHT),
    ...further(LIGHT),
    `@media (prefers-color-scheme: dark) { ${[...colours(DARK), ...further(DARK)].join(' ')} }`,
  ]
  return element('style', {}, text(css.join(' '), Number.POSITIVE_INFINITY))
}

function colours(palette: typeof LIGHT): readonly string[] {
  const fill = (selector: string, colour: string) => `${selector} { fill: ${colour}; }`
  const stroke = (selector: string, colour: string) => `${selector} { stroke: ${colour}; }`
  return [
    fill('text', palette.text),
    fill('.muted', palette.muted),
    fill('.failed', palette.bad),
    fill('.on-path', palette.onPath),
    fill('.ground', palette.ground),
    fill('.band', palette.band),
    fill('.pause', palette.pause),
    fill('.bar', palette.bar),
    fill('.path', palette.path),
    stroke('.grid', palette.line),
    stroke('.end', palette.muted),
    stroke('.jump', palette.path),
  ]
}
