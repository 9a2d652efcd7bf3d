/**
 * The tags that place a cell in its page or hide it, as a user chooses them. Knows no cell and no menu.
 *
 * What they mean is told in `nbapp/serve/layout/tags.py` and `hiding.py`; tags of other tools stay as they are.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

/** One entry. `is`: how the tag is spelled; `others`: whose place it takes; `asks`: it has a value, and which. */
export interface Choice {
  tag: string;
  label: string;
  is: readonly string[];
  others: readonly string[];
  asks?: 'name' | 'width';
}

const WIDTHS = ['wide', 'full', 'full-width']; // the last is Jupyter Book's word

/** What can be chosen, in groups. */
export function choices(words: TranslationBundle): Choice[][] {
  return [
    [
      choice('sidebar', words.__('In the Sidebar')),
      choice('column', words.__('Column')),
      choice('column', words.__('Column of Another Width…'), { asks: 'width' }),
      choice('row', words.__('New Row of Columns')),
      choice('tab', words.__('Tab…'), { asks: 'name' }),
      choice('expander', words.__('Expander…'), { asks: 'name' }),
      choice('card', words.__('Card')),
      choice('below', words.__('Below the Cell Before'))
    ],
    [
      choice('wide', words.__('Wide'), { others: WIDTHS }),
      choice('full', words.__('Full Width'), { others: WIDTHS, is: ['full', 'full-width'] })
    ],
    [
      hiding('hide', 'cell', words.__('Fold the Cell')),
      hiding('remove', 'cell', words.__('Leave Out the Cell')),
      hiding('hide', 'output', words.__('Fold the Output')),
      hiding('remove', 'output', words.__('Leave Out the Output')),
      hiding('hide', 'input', words.__('Fold the Code')),
      hiding('remove', 'input', words.__('Leave Out the Code'))
    ]
  ];
}

/** The value of a choice among the tags of a cell: '' for one without a value, undefined when it is not set. */
export function valueOf(choice: Choice, tags: readonly string[]): string | undefined {
  const values = tags.filter(tag => choice.is.includes(name(tag))).map(tag => tag.slice(name(tag).length + 1).trim());
  return choice.tag === 'column' ? values.find(value => (value !== '') === (choice.asks !== undefined)) : values[0];
}

/** The tags with a choice set to a value ('' for none), or taken away: undefined. */
export function chosen(choice: Choice, tags: readonly string[], value: string | undefined): string[] {
  const rest = tags.filter(tag => !choice.others.includes(name(tag)));
  if (value === undefined) {
    return choice.tag === 'column' ? rest.filter(tag => name(tag) !== 'row') : rest; // it means nothing without
  }
  if (choice.tag === 'row' && !rest.some(tag => name(tag) === 'column')) {
    rest.push('column');
  }
  return [...rest, value === '' ? choice.tag : `${choice.tag}=${value}`];
}

function name(tag: string): string {
  return tag.split('=')[0].trim();
}

function choice(tag: string, label: string, more: Partial<Choice> = {}): Choice {
  return { tag, label, is: [tag], others: [tag], ...more };
}

/** What hides, as Jupyter Book and nbconvert spell it; slides leave out a cell with `skip`. */
function hiding(verb: 'hide' | 'remove', what: 'cell' | 'output' | 'input', label: string): Choice {
  const skip = what === 'cell' ? ['skip'] : [];
  const folds = [`hide-${what}`, `hide_${what}`];
  const removes = [`remove-${what}`, `remove_${what}`, ...skip];
  return choice(`${verb}-${what}`, label, { is: verb === 'hide' ? folds : removes, others: [...folds, ...removes] });
}
