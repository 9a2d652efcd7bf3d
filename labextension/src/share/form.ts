/**
 * What an author is asked before a link is made: who, until when, with which values, this version or each newer one.
 *
 * A body of a dialog. Asks nobody and makes nothing.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import type { Values } from '../wire';
import { element } from './elements';

const DAY = 24 * 60 * 60;

/** What the author answered; `until` as the fields have it. */
export interface Answers {
  to: string;
  name: string;
  until: string;
  day: string;
  current: boolean;
  pin: boolean;
}

export const FIRST: Answers = { to: '', name: '', until: String(7 * DAY), day: '', current: true, pin: false };

export class ShareForm extends Widget {
  /** `values` are those of the notebook's kernel, null when there is none that runs nbapp. */
  constructor(
    private readonly words: TranslationBundle,
    answers: Answers,
    values: Promise<Values> | null,
    isOnHub: boolean,
    trouble: readonly string[]
  ) {
    super();
    this.addClass('nbapp-Share');
    this.to = element('input', { value: answers.to, type: 'text', id: 'nbapp-share-to' });
    this.name = element('input', { value: answers.name, type: 'text', id: 'nbapp-share-name' });
    this.until = this.choice(answers.until);
    this.day = element('input', { value: answers.day, type: 'date', min: dayFromNow(1) });
    this.day.setAttribute('aria-label', words.__('Last day'));
    this.until.onchange = () => {
      this.askDay();
      this.day.dispatchEvent(new Event('input', { bubbles: true })); // the dialog looks whether all is filled in
    };
    this.askDay();
    this.pin = element('input', { checked: answers.pin, type: 'checkbox' });
    this.current = this.radio(answers.current && values !== null);
    this.current.disabled = values === null;
    this.chosen = element('span', { className: 'nbapp-Share-hint', id: 'nbapp-share-chosen' });
    this.chosen.setAttribute('role', 'status');
    this.current.setAttribute('aria-describedby', this.chosen.id);
    this.trouble = element('div', { className: 'nbapp-Share-trouble' });
    this.trouble.setAttribute('role', 'alert');
    this.tell(trouble);
    this.node.append(this.trouble, this.who(isOnHub), this.when(), this.which(!this.current.checked), this.rest());
    void this.follow(values);
  }

  /** What was answered; the dialog asks. */
  getValue(): Answers {
    return {
      to: this.to.value,
      name: this.name.value,
      until: this.until.value,
      day: this.day.value,
      current: this.current.checked,
      pin: this.pin.checked
    };
  }

  /** Show why there is no link, a paragraph each; none: nothing is wrong. */
  tell(trouble: readonly string[]): void {
    this.trouble.replaceChildren(...trouble.map(text => element('p', {}, text)));
    this.trouble.hidden = trouble.length === 0;
  }

  private who(isOnHub: boolean): Node {
    const { words } = this;
    if (!isOnHub) {
      const hint = words.__('Whoever has the link, until it expires or you revoke it.');
      return element('p', { className: 'nbapp-Share-fact' }, element('b', {}, words.__('Who')), ' ', hint);
    }
    const hint = words.__(
      'Names of users or groups of this JupyterHub, with commas between. Empty: every user of the Hub who has the link.'
    );
    return field(words.__('Who'), this.to, hint);
  }

  private when(): Node {
    const node = field(this.words.__('Until when'), this.until);
    node.append(this.day);
    return node;
  }

  private which(defaults: boolean): Node {
    const { words } = this;
    return element(
      'fieldset',
      {},
      element('legend', {}, words.__('The app starts with')),
      element('label', {}, this.current, ' ', words.__('the current values')),
      this.chosen,
      element('label', {}, this.radio(defaults), ' ', words.__('the defaults, as the notebook gives them'))
    );
  }

  private rest(): Node {
    const { words } = this;
    const hint = words.__('Without this, visitors get each version that you save.');
    const pin = element('label', {}, this.pin, ' ', words.__('Pin this version'));
    const fact = words.__(
      'JupyterLab saves the notebook first. The app runs as you, with your files and your rights; visitors can use its controls and nothing else.'
    );
    const node = document.createDocumentFragment();
    node.append(
      element('div', { className: 'nbapp-Share-field' }, pin, element('span', { className: 'nbapp-Share-hint' }, hint)),
      field(words.__('Name in the link'), this.name, words.__('Empty: the name of the notebook. The same name again changes that link.')),
      element('p', { className: 'nbapp-Share-fact' }, fact)
    );
    return node;
  }

  private choice(chosen: string): HTMLSelectElement {
    const { words } = this;
    const choices: [string, string][] = [
      [String(DAY), words.__('for a day')],
      [String(7 * DAY), words.__('for a week')],
      [String(30 * DAY), words.__('for 30 days')],
      ['day', words.__('to the end of a day that I choose')],
      ['', words.__('until I revoke it')]
    ];
    const node = element('select', { id: 'nbapp-share-until' });
    node.append(...choices.map(([value, text]) => element('option', { value, selected: value === chosen }, text)));
    return node;
  }

  private askDay(): void {
    this.day.required = this.until.value === 'day';
    this.day.hidden = !this.day.required;
  }

  private radio(checked: boolean): HTMLInputElement {
    return element('input', { type: 'radio', name: 'nbapp-share-values', checked });
  }

  /** Say which values the app would start with, once the kernel has told. */
  private async follow(values: Promise<Values> | null): Promise<void> {
    const { words } = this;
    if (values === null) {
      this.chosen.textContent = words.__('No kernel with nbapp runs this notebook: there are only the defaults.');
      return;
    }
    this.chosen.textContent = words.__('Waiting for the kernel…');
    const told = await values.catch(() => null);
    this.chosen.textContent =
      told === null ? words.__('The kernel went away: there are only the defaults.') : summary(told, words);
    if (told === null && !this.isDisposed) {
      this.current.disabled = true;
      this.node.querySelector<HTMLInputElement>('input[type="radio"]:not(:disabled)')!.checked = true;
    }
  }

  private readonly to: HTMLInputElement;
  private readonly name: HTMLInputElement;
  private readonly until: HTMLSelectElement;
  private readonly day: HTMLInputElement;
  private readonly pin: HTMLInputElement;
  private readonly current: HTMLInputElement;
  private readonly chosen: HTMLSpanElement;
  private readonly trouble: HTMLDivElement;
}

/** The values in a line, and what they leave out. */
function summary(told: Values, words: TranslationBundle): string {
  const parts = [told.values.map(({ name, text }) => `${name} = ${text}`).join(', ')];
  if (told.values.length + told.left.length + told.unnamed === 0) {
    parts[0] = words.__('No control was changed: they are the defaults.');
  }
  if (told.left.length > 0) {
    parts.push(words.__('Not in the link, as it cannot be written there: %1.', told.left.join(', ')));
  }
  if (told.unnamed > 0) {
    parts.push(words._n('%1 changed control has no name and starts with its default.', '%1 changed controls have no name and start with their defaults.', told.unnamed));
  }
  return parts.filter(part => part !== '').join(' · ');
}

function field(label: string, input: HTMLInputElement | HTMLSelectElement, hint = ''): HTMLElement {
  const node = element('div', { className: 'nbapp-Share-field' });
  node.append(element('label', { htmlFor: input.id, className: 'nbapp-Share-label' }, label), input);
  if (hint) {
    const said = element('span', { className: 'nbapp-Share-hint', id: `${input.id}-hint` }, hint);
    input.setAttribute('aria-describedby', said.id);
    node.append(said);
  }
  return node;
}

/** The day that is so many days later than today, as a date field has it. */
function dayFromNow(later: number): string {
  const day = new Date();
  day.setDate(day.getDate() + later);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map(part => String(part).padStart(2, '0')).join('-');
}

/** Seconds from now until the link ends; null: never. */
export function seconds({ until, day }: Answers): number | null {
  if (until === 'day') {
    const [year, month, date] = day.split('-').map(Number);
    return Math.round((new Date(year, month - 1, date + 1).getTime() - Date.now()) / 1000);
  }
  return until === '' ? null : Number(until);
}
