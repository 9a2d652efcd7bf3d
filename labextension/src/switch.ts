/** The switch `Reactive` in the toolbar of a notebook; there when its kernel runs nbapp. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { Connection } from './connection';

export class ReactiveSwitch extends Widget {
  constructor(
    private readonly connection: Connection,
    words: TranslationBundle
  ) {
    super();
    this.addClass('nbapp-Switch');
    this.button = document.createElement('button');
    this.button.setAttribute('role', 'switch');
    this.button.textContent = words.__('Reactive');
    this.button.title = words.__('Whether a change of a widget runs the cells that depend on it');
    this.button.onclick = () => toggle(connection);
    this.node.append(this.button);
    connection.changed.connect(this.draw, this);
    this.draw();
  }

  dispose(): void {
    this.connection.changed.disconnect(this.draw, this);
    super.dispose();
  }

  private draw(): void {
    this.setHidden(!this.connection.isOpen);
    this.button.setAttribute('aria-checked', String(this.connection.status?.reactive ?? false));
  }

  private readonly button: HTMLButtonElement;
}

/** Turn Reactive on when it is off, and off when it is on. */
export function toggle(connection: Connection): void {
  if (connection.status !== null) {
    connection.send({ kind: 'reactive', on: !connection.status.reactive });
  }
}
