/** P(T > t) of Student's t, by Simpson's rule over its density in u = atan(t / sqrt(freedom)). */
export function studentTail(t: number, freedom: number): number {
  const from = Math.atan(t / Math.sqrt(freedom))
  const density = (angle: number) => Math.cos(angle) ** (freedom - 1)
  return integral(density, from, Math.PI / 2) / (2 * integral(density, 0, Math.PI / 2))
}

function integral(density: (x: number) => number, from: number, to: number): number {
  const parts = 400
  const width = (to - from) / parts
  let sum = density(from) + density(to)
  for (let part = 1; part < parts; part += 1)
    sum += (part % 2 === 1 ? 4 : 2) * density(from + part * width)
  return (sum * width) / 3
}
