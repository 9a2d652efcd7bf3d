/**
 * One notebook document that may be live: tells the kernel its cells, and shows what the kernel tells in its model.
 *
 * Shared by all views of the document. Knows nothing of how badges and buttons look.
 */
import type { Cell, ICodeCellModel, ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { NotebookActions } from '@jupyterlab/notebook';

import { Connection } from './connection';
import { patch } from './outputs';
import type { CellNow, Outputs } from './wire';

const QUIET = 200; // milliseconds without an edit until the cells are told

export class LiveDocument {
  readonly connection: Connection;

  constructor(private readonly context: NotebookPanel['context']) {
    this.connection = new Connection(context.sessionContext, () => this.cells());
    this.connection.shown.connect((_, outputs) => this.show(outputs));
    context.model.contentChanged.connect(() => this.edited());
    NotebookActions.executionScheduled.connect(this.scheduled, this);
    NotebookActions.executed.connect(this.executed, this);
    context.disposed.connect(() => {
      window.clearTimeout(this.timer);
      NotebookActions.executionScheduled.disconnect(this.scheduled, this);
      NotebookActions.executed.disconnect(this.executed, this);
    });
  }

  /** The code cells as they stand. */
  private cells(): CellNow[] {
    const found: CellNow[] = [];
    for (const cell of this.context.model.cells) {
      if (isCodeCellModel(cell)) {
        const tags = cell.getMetadata('tags');
        found.push({
          id: cell.id,
          source: cell.sharedModel.getSource(),
          tags: Array.isArray(tags) ? tags.map(String) : []
        });
      }
    }
    this.told = JSON.stringify(found);
    return found;
  }

  /**
   * Outputs that change are content too: the cells are compared only once it is quiet. From the hello on every change
   * is told: a busy kernel answers the hello later, and knows the cells that were there then.
   */
  private edited(): void {
    if (this.connection.isGreeted) {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.tell(), QUIET);
    }
  }

  private tell(): void {
    const told = this.told;
    const cells = this.cells();
    if (this.told !== told && this.connection.isGreeted) {
      this.connection.send({ kind: 'cells', client: this.connection.client, cells });
    }
  }

  /** The author runs a cell: the kernel must know where it stands, and its outputs are JupyterLab's until it ends. */
  private scheduled(_: unknown, { cell }: { cell: Cell }): void {
    if (this.find(cell.model.id) === cell.model) {
      this.running.add(cell.model.id);
      window.clearTimeout(this.timer);
      if (this.connection.isGreeted) {
        this.tell();
      }
    }
  }

  private executed(_: unknown, { cell }: { cell: Cell }): void {
    this.running.delete(cell.model.id);
  }

  private show(message: Outputs): void {
    const cell = this.find(message.cell);
    const mine = !this.context.model.collaborative || message.client === this.connection.client;
    if (cell !== undefined && mine && !this.running.has(message.cell)) {
      patch(cell, message.outputs);
    }
  }

  private find(id: string): ICodeCellModel | undefined {
    const cells: Iterable<ICellModel> = this.context.model.cells;
    for (const cell of cells) {
      if (cell.id === id && isCodeCellModel(cell)) {
        return cell;
      }
    }
    return undefined;
  }

  private readonly running = new Set<string>();
  private told = '';
  private timer = 0;
}
