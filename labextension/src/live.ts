/** nbapp in JupyterLab: wires one live document per notebook to the views of it. Holds no logic of its own. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { Badges } from './badges';
import { addCommands } from './commands';
import { LiveDocument } from './document';
import { Progress } from './progress';
import { addShareCommands } from './share/commands';
import { ReactiveSwitch } from './switch';
import { addTagCommands } from './tags/commands';

/** Follow every notebook that is open, and those that are opened. `id` is the name of the settings. */
export async function follow(app: JupyterFrontEnd, id: string): Promise<void> {
  const tracker = await app.resolveRequiredService(INotebookTracker);
  const palette = await app.resolveOptionalService(ICommandPalette);
  const settings = await app.resolveOptionalService(ISettingRegistry);
  const translator = await app.resolveOptionalService(ITranslator);
  const words = (translator ?? nullTranslator).load('nbapp');
  const documents = new WeakMap<NotebookPanel['context'], LiveDocument>();
  const badges = new Set<Badges>();
  let visible = true;
  const add = (panel: NotebookPanel) => {
    const live = documents.get(panel.context) ?? new LiveDocument(panel.context);
    documents.set(panel.context, live);
    const shown = view(panel, live, words);
    shown.visible = visible;
    badges.add(shown);
    panel.disposed.connect(() => badges.delete(shown));
    live.connection.changed.connect(() => app.commands.notifyCommandChanged());
  };
  tracker.forEach(add);
  tracker.widgetAdded.connect((_, panel) => add(panel));
  const connectionOf = (panel: NotebookPanel) => documents.get(panel.context)?.connection;
  addCommands(app, tracker, palette, words, connectionOf);
  addShareCommands(app, tracker, palette, words, connectionOf);
  addTagCommands(app, tracker, palette, words);
  const loaded = await settings?.load(id);
  const apply = () => {
    visible = loaded?.composite.badges !== false;
    badges.forEach(shown => (shown.visible = visible));
  };
  loaded?.changed.connect(apply);
  apply();
}

/** Add to a notebook's panel what shows the live document. */
function view(panel: NotebookPanel, live: LiveDocument, words: TranslationBundle): Badges {
  const { connection } = live;
  const button = new ReactiveSwitch(connection, words);
  if (!panel.toolbar.insertAfter('cellType', 'nbappReactive', button)) {
    panel.toolbar.addItem('nbappReactive', button);
  }
  const progress = new Progress(connection, words, cell => {
    const index = panel.content.widgets.findIndex(widget => widget.model.id === cell);
    void panel.content.scrollToItem(index, 'smart');
  });
  panel.contentHeader.addWidget(progress);
  return new Badges(panel.content, connection, words);
}
