import { defineConfig } from 'vite'

export default defineConfig({
  // Relative addresses, so that the page also works behind a proxy's path prefix.
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // The page is served under `default-src 'self'`: nothing inline, no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
