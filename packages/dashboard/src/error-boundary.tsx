import { Component, type ComponentChildren } from 'preact'

interface Props {
  readonly children: ComponentChildren
}

/** A bug in one view leaves the rest of the page usable, and says what happened. */
export class ErrorBoundary extends Component<Props, { message?: string }> {
  static override getDerivedStateFromError(error: unknown): { message: string } {
    return { message: error instanceof Error ? error.message : String(error) }
  }

  override render(): ComponentChildren {
    if (this.state.message === undefined) return this.props.children
    return (
      <section class="empty">
        <h1>This view failed</h1>
        <p class="problem">{this.state.message}</p>
        <p>
          The data is not affected. <a href="#/">Back to the overview</a>
        </p>
      </section>
    )
  }
}
