/** *Share App* and *Shared Apps*: in the toolbar, the File menu, the palette and on the keyboard (`schema/plugin.json`). */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { shareIcon } from '@jupyterlab/ui-components';

import type { Connection } from '../connection';
import { shareApp, showSharedApps } from './dialogs';
import { Sharing } from './sharing';

// Drives whose paths are those of the server's folder; the second is that of documents which several edit together.
const ON_THE_SERVER = ['', 'RTC'];

/** Add the commands; `connectionOf` finds the connection of a notebook, if its kernel runs nbapp. */
export function addShareCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  words: TranslationBundle,
  connectionOf: (panel: NotebookPanel) => Connection | undefined
): void {
  const { contents, serverSettings } = app.serviceManager;
  const sharing = new Sharing(serverSettings, words);
  app.commands.addCommand('nbapp:share', {
    label: args => (args.isPalette || args.toolbar ? words.__('Share App') : words.__('Share App…')),
    caption: words.__('Make a link by which others use this notebook as an app'),
    icon: shareIcon,
    isEnabled: () => tracker.currentWidget !== null,
    execute: async () => {
      const panel = tracker.currentWidget;
      if (panel === null) {
        return;
      }
      const { path } = panel.context;
      if (!ON_THE_SERVER.includes(contents.driveName(path))) {
        const reason = words.__('%1 is not in a folder of the Jupyter server. Copy it there, and share the copy.', path);
        await showErrorMessage(words.__('Share App'), reason);
        return;
      }
      await shareApp(panel, connectionOf(panel), contents.localPath(path), sharing, words);
    }
  });
  app.commands.addCommand('nbapp:shared-apps', {
    label: words.__('Shared Apps'),
    caption: words.__('The links that you made, and how to take them back'),
    execute: () => showSharedApps(sharing, words)
  });
  for (const command of ['nbapp:share', 'nbapp:shared-apps']) {
    palette?.addItem({ command, category: 'nbapp', args: { isPalette: true } });
  }
}
