import { Component, type ReactNode } from 'react';
import { Failure } from '../failure.tsx';
import page from '../page.module.css';

interface GuardState {
  readonly error?: unknown;
}

/** A page that breaks, or whose script cannot be fetched, says so and can be loaded anew; the rest of the app stands. */
export class Guard extends Component<{ readonly children: ReactNode }, GuardState> {
  override state: GuardState = {};

  static getDerivedStateFromError(error: unknown): GuardState {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div className={page.page}>
        <Failure error={this.state.error} onRetry={() => location.reload()} />
      </div>
    );
  }
}
