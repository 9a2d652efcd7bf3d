/**
 * The small badge at the lower left of each cell: what the last rerun did about it, and in its tooltip why.
 *
 * Touches only the cells that changed. Knows nothing of kernels.
 */
import type { Cell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Connection } from './connection';
import type { StepNow } from './wire';
import { long, short } from './words';

const CLASS = 'nbapp-Badge';

export class Badges {
  constructor(
    private readonly notebook: Notebook,
    private readonly connection: Connection,
    private readonly words: TranslationBundle
  ) {
    connection.stepped.connect(this.stepped, this);
    notebook.model?.cells.changed.connect(this.later, this); // not content, which changes with each key
    notebook.disposed.connect(() => {
      window.cancelAnimationFrame(this.frame);
      connection.stepped.disconnect(this.stepped, this);
    });
    this.draw(null);
  }

  /** Show or hide all badges. */
  set visible(visible: boolean) {
    this.notebook.node.classList.toggle('nbapp-mod-hideBadges', !visible);
  }

  private stepped(_: Connection, cells: readonly string[] | null): void {
    this.draw(cells === null ? null : new Set(cells));
  }

  /** Cells that were inserted, moved or shown again have new nodes. */
  private later(): void {
    if (this.connection.steps.size > 0 && this.frame === 0) {
      this.frame = window.requestAnimationFrame(() => {
        this.frame = 0;
        this.draw(null);
      });
    }
  }

  private draw(only: ReadonlySet<string> | null): void {
    for (const cell of this.notebook.widgets) {
      const id = cell.model.id;
      if (only === null || only.has(id)) {
        mark(cell, this.connection.steps.get(id), this.words);
      }
    }
  }

  private frame = 0;
}

function mark(cell: Cell, step: StepNow | undefined, words: TranslationBundle): void {
  const node = cell.node;
  let badge = node.querySelector<HTMLElement>(`:scope > .${CLASS}`);
  if (step === undefined || step.state === '') {
    badge?.remove();
    delete node.dataset.nbapp;
    delete node.dataset.nbappStale;
    return;
  }
  if (badge === null) {
    badge = document.createElement('div');
    badge.className = CLASS;
    badge.setAttribute('role', 'note');
    node.appendChild(badge);
  }
  const text = short(step, words);
  const title = long(step, words);
  if (badge.textContent !== text) {
    badge.textContent = text;
  }
  if (badge.title !== title) {
    badge.title = title;
    badge.setAttribute('aria-label', title);
  }
  node.dataset.nbapp = step.state;
  node.dataset.nbappStale = String(step.stale);
}
