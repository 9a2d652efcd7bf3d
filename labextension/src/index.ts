/** nbapp in JupyterLab: wires one live document per notebook to the views of it. Holds no logic of its own. */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, TranslationBundle } from '@jupyterlab/translation';

import { Badges } from './badges';
import { addCommands } from './commands';
import { LiveDocument } from './document';
import { Progress } from './progress';
import { ReactiveSwitch } from './switch';

const ID = 'nbapp:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows a notebook live: outputs follow the widgets, in place.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry, ITranslator],
  activate
};

async function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  settings: ISettingRegistry | null,
  translator: ITranslator | null
): Promise<void> {
  const words = (translator ?? nullTranslator).load('nbapp');
  const documents = new WeakMap<NotebookPanel['context'], LiveDocument>();
  const badges = new Set<Badges>();
  let visible = true;
  tracker.widgetAdded.connect((_, panel) => {
    const live = documents.get(panel.context) ?? new LiveDocument(panel.context);
    documents.set(panel.context, live);
    const shown = view(panel, live, words);
    shown.visible = visible;
    badges.add(shown);
    panel.disposed.connect(() => badges.delete(shown));
    live.connection.changed.connect(() => app.commands.notifyCommandChanged());
  });
  addCommands(app, tracker, palette, words, panel => documents.get(panel.context)?.connection);
  const loaded = await settings?.load(ID);
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

export default plugin;
