/** The line that says which cell is executing, with a Stop button; there while a rerun takes long. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { Connection } from './connection';

export class Progress extends Widget {
  constructor(
    private readonly connection: Connection,
    private readonly words: TranslationBundle,
    private readonly reveal: (cell: string) => void
  ) {
    super();
    this.addClass('nbapp-Progress');
    this.node.setAttribute('role', 'status');
    this.text = document.createElement('button');
    this.text.className = 'nbapp-Progress-text';
    this.text.title = words.__('Show the cell');
    this.text.onclick = () => this.connection.busy && this.reveal(this.connection.busy.cell);
    this.bar = document.createElement('progress');
    const stop = document.createElement('button');
    stop.className = 'nbapp-Progress-stop';
    stop.textContent = words.__('Stop');
    stop.title = words.__('End this rerun; the next change of a widget starts a new one');
    stop.onclick = () => void connection.stop();
    this.node.append(this.text, this.bar, stop);
    connection.changed.connect(this.draw, this);
    this.draw();
  }

  dispose(): void {
    this.connection.changed.disconnect(this.draw, this);
    super.dispose();
  }

  private draw(): void {
    const busy = this.connection.busy;
    this.setHidden(busy === null);
    if (busy !== null) {
      this.text.textContent = this.words.__('Running cell %1 of %2', busy.index, busy.total);
      this.bar.max = busy.total;
      this.bar.value = busy.index - 1;
    }
  }

  private readonly text: HTMLButtonElement;
  private readonly bar: HTMLProgressElement;
}
