/** *Preview as App*: one panel for a notebook, beside it where the front end has room for two, else at the right. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { Connection } from '../connection';
import { previewIcon } from './icon';
import type { Layout } from './layout';
import { Notice } from './notice';
import { AppView } from './view';

const opened = new WeakMap<NotebookPanel, MainAreaWidget<AppView>>();
const panels = new WeakMap<Widget, NotebookPanel>();

/** The notebook of which a widget is the preview. */
export function previewed(widget: Widget | null): NotebookPanel | undefined {
  return widget === null ? undefined : panels.get(widget);
}

/** Show the app of a notebook. */
export function openPreview(
  app: JupyterFrontEnd,
  panel: NotebookPanel,
  connection: Connection,
  words: TranslationBundle
): void {
  let widget = opened.get(panel);
  if (widget === undefined || widget.isDisposed) {
    const content = new AppView(panel, app.serviceManager, words);
    const notice = new Notice(panel, connection, words);
    content.node.prepend(notice.node);
    widget = framed(panel, content, notice, words);
    opened.set(panel, widget);
    panels.set(widget, panel);
    app.shell.add(widget, 'main', { mode: 'split-right', ref: panel.id, activate: false });
    if (!widget.isAttached) {
      app.shell.add(widget, 'right'); // Notebook 7 shows one document
    }
  }
  app.shell.activateById(widget.id);
}

/** The panel of a page, which closes with its notebook. */
function framed(
  panel: NotebookPanel,
  content: AppView,
  notice: Notice,
  words: TranslationBundle
): MainAreaWidget<AppView> {
  const widget = new MainAreaWidget({ content });
  let page: Layout['page'] | null = null;
  const retitle = () => {
    widget.title.label = words.__('App: %1', page?.title || panel.title.label.replace(/\.ipynb$/, ''));
    widget.title.icon = page?.icon ? picture(page.icon) : previewIcon;
  };
  widget.id = `nbapp-preview-${UUID.uuid4()}`;
  widget.title.closable = true;
  widget.toolbar.hide();
  retitle();
  content.arranged.connect((_, layout) => {
    page = layout.page;
    notice.remarks = layout.remarks;
    retitle();
  });
  panel.title.changed.connect(retitle);
  panel.disposed.connect(() => widget.dispose());
  widget.disposed.connect(() => {
    panel.title.changed.disconnect(retitle);
    notice.dispose();
  });
  return widget;
}

/** The icon of a page in a tab. */
function picture(source: string) {
  return {
    render: (host: HTMLElement) => {
      const image = document.createElement('img');
      image.className = 'nbapp-App-icon';
      image.src = source;
      image.alt = '';
      host.replaceChildren(image);
    }
  };
}
