import { render } from 'preact'
import { App } from './app.tsx'
import './colors.css'
import './page.css'
import './empty-state.css'
import './records.css'
import './phase.css'
import './finding.css'
import './alert.css'
import './many.css'
import './waterfall.css'
import './span-details.css'

const page = document.getElementById('page')
if (page !== null) render(<App />, page)
