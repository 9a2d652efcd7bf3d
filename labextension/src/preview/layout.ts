/**
 * Where the cells of a notebook stand in its page: asked of nbapp's part of the Jupyter server, which knows the tags.
 *
 * `nbapp/serve/layout/preview.py` answers. This file knows no document that is shown.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { URLExt } from '@jupyterlab/coreutils';
import { Contents, ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** The layout of a page: markup with an empty slot for each cell, and what to say of what makes no sense. */
export interface Layout {
  markup: string;
  /** What a text cell says where its heading became a title, by the id of the cell. */
  texts: { [cell: string]: string };
  page: { title: string; icon: string; width: string };
  remarks: string[];
}

/** What a layout is made of, as JSON: it needs to be asked for only when this differs. */
export function question({ model, path }: NotebookPanel['context'], contents: Contents.IManager): string {
  const cells = [...model.cells].map(cell => ({
    id: cell.id,
    cell_type: cell.type,
    source: cell.sharedModel.getSource(),
    metadata: cell.metadata
  }));
  const metadata = { nbapp: model.getMetadata('nbapp') ?? {} };
  return JSON.stringify({ path: contents.localPath(path), cells, metadata });
}

/** The answer; where the server has none, the cells stand one below the other, and it is said why. */
export async function ask(
  body: string,
  settings: ServerConnection.ISettings,
  words: TranslationBundle
): Promise<Layout> {
  const url = URLExt.join(settings.baseUrl, 'nbapp/layout');
  let why: string | number;
  try {
    const response = await ServerConnection.makeRequest(url, { method: 'POST', body }, settings);
    if (response.ok) {
      return await response.json();
    }
    why = response.status;
  } catch (error) {
    why = String(error);
  }
  const remark = words.__(
    'The Jupyter server does not tell where cells stand (%1), so they are below each other. Install nbapp in the environment in which it runs, and start it again.',
    why
  );
  return { markup: plain(body), texts: {}, page: { title: '', icon: '', width: 'narrow' }, remarks: [remark] };
}

function plain(body: string): string {
  const page = document.createElement('div');
  for (const { id } of JSON.parse(body).cells) {
    const slot = document.createElement('div');
    slot.className = 'nbapp-slot';
    slot.dataset.nbappCell = id;
    page.append(slot);
  }
  return page.innerHTML;
}
