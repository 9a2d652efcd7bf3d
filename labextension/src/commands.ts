/** What can be done from the command palette, the keyboard and the context menu of a cell. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, ICommandPalette, showDialog } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Connection } from './connection';
import { previewIcon } from './preview/icon';
import { openPreview, previewed } from './preview/open';
import { toggle } from './switch';
import { long } from './words';

interface Live {
  panel: NotebookPanel;
  connection: Connection;
}

/** Add the commands; `connectionOf` finds the connection of a notebook. */
export function addCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  words: TranslationBundle,
  connectionOf: (panel: NotebookPanel) => Connection | undefined
): void {
  const live = (): Live | null => {
    const panel = tracker.currentWidget;
    const connection = panel === null ? undefined : connectionOf(panel);
    return panel !== null && connection?.isOpen ? { panel, connection } : null;
  };
  const add = (id: string, label: string, run: (live: Live) => unknown, toggled?: () => boolean) => {
    app.commands.addCommand(`nbapp:${id}`, {
      label,
      isEnabled: () => live() !== null,
      isToggled: toggled,
      execute: async () => {
        const found = live();
        await (found === null ? undefined : run(found));
      }
    });
    palette?.addItem({ command: `nbapp:${id}`, category: 'nbapp' });
  };
  add('toggle-reactive', words.__('Reactive'), ({ connection }) => toggle(connection), () => {
    return live()?.connection.status?.reactive ?? false;
  });
  add('stop', words.__('Stop the Rerun'), ({ connection }) => connection.stop());
  add('why', words.__('Why Did This Run?'), found => why(found, words));
  add('reset-widgets', words.__('Reset Widgets to Their Defaults'), ({ connection }) =>
    connection.send({ kind: 'reset' })
  );
  app.commands.addCommand('nbapp:preview', {
    label: words.__('Preview as App'),
    caption: words.__('Show this notebook as its readers will see it, beside it, on the same kernel'),
    icon: previewIcon,
    isEnabled: () => tracker.currentWidget !== null,
    execute: () => {
      const panel = tracker.currentWidget;
      const connection = panel === null ? undefined : connectionOf(panel);
      if (panel !== null && connection !== undefined) {
        openPreview(app, panel, connection, words);
      }
    }
  });
  palette?.addItem({ command: 'nbapp:preview', category: 'nbapp' });
  addSave(app, tracker, words);
  tracker.currentChanged.connect(() => app.commands.notifyCommandChanged());
}

/** JupyterLab's own Save knows documents only, and the preview is none. */
function addSave(app: JupyterFrontEnd, tracker: INotebookTracker, words: TranslationBundle): void {
  app.commands.addCommand('nbapp:save', {
    label: words.__('Save the Notebook That Is Previewed'),
    execute: () => (previewed(app.shell.currentWidget) ?? tracker.currentWidget)?.context.save()
  });
}

async function why({ panel, connection }: Live, words: TranslationBundle): Promise<void> {
  const step = connection.steps.get(panel.content.activeCell?.model.id ?? '');
  await showDialog({
    title: words.__('Why did this run?'),
    body: step === undefined ? words.__('It has not run since nbapp was loaded.') : long(step, words),
    buttons: [Dialog.okButton({ label: words.__('Close') })]
  });
}
