/** The tags of cells in the document's model, where JupyterLab's undo knows them. Knows no menu. */
import type { ICellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';

/** The cells that are selected, or the active one. */
export function selected(notebook: Notebook): ICellModel[] {
  return notebook.widgets.filter(cell => notebook.isSelectedOrActive(cell)).map(cell => cell.model);
}

/** The tags of a cell that are texts. */
export function tagsOf(cell: ICellModel): string[] {
  const tags = cell.getMetadata('tags');
  return Array.isArray(tags) ? tags.filter(tag => typeof tag === 'string') : [];
}

/** Give cells other tags, in one step that can be undone in command mode. */
export function retag(notebook: Notebook, cells: ICellModel[], next: (tags: string[]) => string[]): void {
  const shared = notebook.model?.sharedModel as unknown as { undoManager?: { stopCapturing(): void } } | undefined;
  shared?.undoManager?.stopCapturing(); // else what follows within half a second is the same step
  notebook.model?.sharedModel.transact(() => {
    for (const cell of cells) {
      const tags = next(tagsOf(cell));
      if (tags.length > 0) {
        cell.setMetadata('tags', tags);
      } else {
        cell.deleteMetadata('tags');
      }
    }
  });
}
