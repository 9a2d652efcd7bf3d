/** Asks for the value of a tag: the name of a tab or expander, the width of a column. Knows no cell. */
import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Choice } from './choices';

const WIDEST = 12; // times a plain column, as `nbapp/serve/layout/tags.py` has it

/** The value; undefined: the tag is to go; null: nothing was chosen. `known` are the values of other cells. */
export async function askFor(
  choice: Choice,
  now: string | undefined,
  known: string[],
  words: TranslationBundle
): Promise<string | undefined | null> {
  const title = choice.label.replace('…', '');
  if (choice.asks === 'width') {
    return askForWidth(title, now, words);
  }
  const label =
    choice.tag === 'tab'
      ? words.__('Name of the tab. Neighbouring cells of one name share it; without a name the cell is in none:')
      : words.__('Title of the box. Neighbouring cells of one title share it; without a title the cell is in none:');
  const { button, value } = await InputDialog.getItem({ title, label, items: known, current: now ?? '', editable: true });
  return button.accept ? (value ?? '').trim() || undefined : null;
}

/** A plain column needs no number. Asks again until there is one that makes sense. */
async function askForWidth(title: string, now: string | undefined, words: TranslationBundle) {
  const label = words.__('How many times as wide as a plain column (more than 0, up to %1):', WIDEST);
  for (;;) {
    const { button, value } = await InputDialog.getText({ title, label, text: now || '2' });
    if (!button.accept) {
      return null;
    }
    const asked = Number((value ?? '').replace(',', '.'));
    if (asked > 0 && asked <= WIDEST) {
      return asked === 1 ? '' : String(asked);
    }
  }
}
