/** The menu *App Layout*: in the context menu of a cell, under a key, and its entries in the palette. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Menu } from '@lumino/widgets';

import { askFor } from './ask';
import { retag, selected, tagsOf } from './cells';
import { Choice, choices, chosen, valueOf } from './choices';

/** Add the commands and the menu. */
export function addTagCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  words: TranslationBundle
): void {
  const { commands } = app;
  const groups = choices(words);
  const all = groups.flat();
  const of = (args: ReadonlyPartialJSONObject): Choice | undefined => all[args.choice as number];
  const values = (choice: Choice) =>
    selected(tracker.currentWidget!.content).map(cell => valueOf(choice, tagsOf(cell)));
  const isEnabled = () => (tracker.currentWidget?.content.activeCell ?? null) !== null;
  const isSet = (choice: Choice) => isEnabled() && values(choice).every(value => value !== undefined);
  commands.addCommand('nbapp:tag', {
    label: args => labelled(of(args), isEnabled() ? values(of(args)!) : []),
    isEnabled,
    isToggled: args => isSet(of(args)!),
    execute: args => choose(tracker.currentWidget!, of(args)!, isSet(of(args)!), words)
  });
  commands.addCommand('nbapp:no-tags', {
    label: words.__('None of These'),
    caption: words.__('Take all tags of the app layout from the selected cells'),
    isEnabled,
    execute: () => {
      const { content } = tracker.currentWidget!;
      retag(content, selected(content), tags => all.reduce((left, each) => chosen(each, left, undefined), tags));
    }
  });
  const menu = () => built(groups, new MenuSvg({ commands }), words);
  commands.addCommand('nbapp:tags', {
    label: words.__('App Layout of the Cell…'),
    isEnabled,
    execute: () => popUp(menu(), tracker.currentWidget!)
  });
  app.contextMenu.addItem({ type: 'submenu', submenu: menu(), selector: '.jp-Notebook .jp-Cell', rank: 21 });
  const category = words.__('App Layout');
  all.forEach((_, choice) => palette?.addItem({ command: 'nbapp:tag', category, args: { choice } }));
  palette?.addItem({ command: 'nbapp:no-tags', category });
  palette?.addItem({ command: 'nbapp:tags', category: 'nbapp' });
}

function built(groups: Choice[][], menu: Menu, words: TranslationBundle): Menu {
  menu.title.label = words.__('App Layout');
  let choice = 0;
  for (const group of groups) {
    group.forEach(() => menu.addItem({ command: 'nbapp:tag', args: { choice: choice++ } }));
    menu.addItem({ type: 'separator' });
  }
  menu.addItem({ command: 'nbapp:no-tags' });
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: 'nbapp:preview' });
  return menu;
}

/** A label with the value that all selected cells have. */
function labelled(choice: Choice | undefined, values: (string | undefined)[]): string {
  if (choice === undefined) {
    return '';
  }
  const value = values.every(each => each === values[0]) ? values[0] : '';
  return value ? choice.label.replace('…', `: ${value}…`) : choice.label;
}

async function choose(
  { content }: NotebookPanel,
  choice: Choice,
  isSet: boolean,
  words: TranslationBundle
): Promise<void> {
  const cells = selected(content);
  let value: string | undefined | null = isSet ? undefined : '';
  if (choice.asks !== undefined) {
    const known = [...content.model!.cells].map(cell => valueOf(choice, tagsOf(cell)));
    const names = [...new Set(known.filter(each => each))] as string[];
    value = await askFor(choice, valueOf(choice, tagsOf(cells[0])), names, words);
  }
  if (value !== null) {
    const next = value;
    retag(content, cells, tags => chosen(choice, tags, next));
  }
  if (document.activeElement === document.body) {
    content.activate(); // a context menu leaves the focus nowhere, and undo is a key
  }
}

/** Open the menu at the active cell; the notebook has the focus again afterwards. */
function popUp(menu: Menu, panel: NotebookPanel): void {
  const { left, top } = panel.content.activeCell!.node.getBoundingClientRect();
  menu.aboutToClose.connect(() => panel.content.activate());
  menu.open(left + 64, Math.max(top, panel.content.node.getBoundingClientRect().top));
  menu.activateNextItem();
}
