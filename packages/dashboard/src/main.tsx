import { render } from 'preact'
import { App } from './app.tsx'
import './page.css'
import './finding.css'
import './waterfall.css'

const page = document.getElementById('page')
if (page !== null) render(<App />, page)
