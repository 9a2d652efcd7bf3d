/** What is said above a previewed page: that nothing follows yet, with a button for it, and which tags make no sense. */
import { NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Connection } from '../connection';

const LOADS = /^\s*%(re)?load_ext\s+nbapp\b/m;

export class Notice {
  readonly node = document.createElement('div');

  constructor(
    private readonly panel: NotebookPanel,
    private readonly connection: Connection,
    private readonly words: TranslationBundle
  ) {
    this.node.className = 'nbapp-Notice';
    this.node.setAttribute('role', 'status');
    connection.changed.connect(this.draw, this);
    this.draw();
  }

  dispose(): void {
    this.connection.changed.disconnect(this.draw, this);
  }

  /** Say these too. */
  set remarks(remarks: readonly string[]) {
    this.told = remarks;
    this.draw();
  }

  private draw(): void {
    this.node.replaceChildren(...this.told.map(remark => said(remark)));
    if (!this.connection.isGreeted) {
      this.node.prepend(this.notLoaded());
    }
    this.node.hidden = this.node.childElementCount === 0;
  }

  private notLoaded(): HTMLElement {
    const loads = [...this.panel.context.model.cells].some(
      cell => cell.type === 'code' && LOADS.test(cell.sharedModel.getSource())
    );
    const line = said(
      loads
        ? this.words.__('Outputs follow the controls once the notebook has run.')
        : this.words.__('Outputs do not follow the controls: the first cell must be %load_ext nbapp.')
    );
    const button = document.createElement('button');
    button.textContent = loads ? this.words.__('Run All Cells') : this.words.__('Add It and Run All Cells');
    button.onclick = () => void this.run(loads);
    line.append(' ', button);
    return line;
  }

  private async run(loads: boolean): Promise<void> {
    const { content, sessionContext } = this.panel;
    if (!loads) {
      content.model?.sharedModel.insertCell(0, { cell_type: 'code', source: '%load_ext nbapp', metadata: {} });
    }
    await NotebookActions.runAll(content, sessionContext);
  }

  private told: readonly string[] = [];
}

function said(text: string): HTMLElement {
  const line = document.createElement('p');
  line.textContent = text;
  return line;
}
