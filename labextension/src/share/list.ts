/** The author's links, each with its address and a way to take it back. A body of a dialog, and a part of another. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { button, copy, element, moment } from './elements';
import type { Shared, Sharing } from './sharing';
import { paragraphs } from './sharing';

export class SharedApps extends Widget {
  constructor(
    private readonly sharing: Sharing,
    private readonly words: TranslationBundle
  ) {
    super();
    this.addClass('nbapp-Shared');
    this.said = element('p', { className: 'nbapp-Shared-said' }, words.__('Asking for your links…'));
    this.said.setAttribute('role', 'status');
    this.rows = element('ul', {});
    this.rows.setAttribute('aria-label', words.__('Your shared apps'));
    this.node.append(this.said, this.rows);
    void this.fill();
  }

  private async fill(): Promise<void> {
    try {
      const shared = await this.sharing.list();
      this.rows.replaceChildren(...shared.map(one => this.row(one)));
      this.say(shared.length === 0 ? this.words.__('You share no app.') : '');
    } catch (error) {
      this.say(...paragraphs(error));
    }
  }

  private row(shared: Shared): HTMLElement {
    const { words } = this;
    const link = element('input', { className: 'jp-mod-styled', type: 'text', readOnly: true, value: shared.url });
    link.setAttribute('aria-label', words.__('Link of %1', shared.name));
    const copies = button(words.__('Copy'), () => void this.copied(shared, link));
    copies.setAttribute('aria-label', words.__('Copy the link of %1', shared.name));
    const revoke = button(words.__('Revoke'), () => this.ask(shared, row, actions), 'jp-mod-warn');
    revoke.setAttribute('aria-label', words.__('Revoke %1', shared.name));
    const actions = element('div', { className: 'nbapp-Shared-actions' }, link, copies, revoke);
    const row = element(
      'li',
      {},
      element('b', {}, shared.name),
      element('span', { className: 'nbapp-Share-hint' }, this.about(shared)),
      actions
    );
    return row;
  }

  private about(shared: Shared): string {
    const { words } = this;
    const ends = shared.expires === null ? words.__('until you revoke it') : words.__('until %1', moment(shared.expires));
    const isOver = shared.expires !== null && new Date(shared.expires).getTime() < Date.now();
    return [
      shared.notebook,
      shared.to.length > 0 ? words.__('for %1', shared.to.join(', ')) : words.__('for whoever has the link'),
      isOver ? words.__('expired %1', moment(shared.expires!)) : ends,
      ...(shared.pinned ? [words.__('pinned to the version of %1', moment(shared.made))] : [])
    ].join(' · ');
  }

  /** Make sure: a link that was taken back does not come back. */
  private ask(shared: Shared, row: HTMLElement, actions: HTMLElement): void {
    const { words } = this;
    const keep = button(words.__('Keep'), () => {
      question.replaceWith(actions);
      actions.querySelector<HTMLButtonElement>('.jp-mod-warn')?.focus();
    });
    const revoke = button(words.__('Revoke'), () => void this.revoke(shared, row, revoke), 'jp-mod-warn');
    const text = words.__('Revoke %1? Open pages stop, and the link opens nothing any more.', shared.name);
    const question = element('div', { className: 'nbapp-Shared-actions' }, element('span', {}, text), keep, revoke);
    question.setAttribute('role', 'group');
    question.setAttribute('aria-label', text);
    actions.replaceWith(question);
    keep.focus();
  }

  private async revoke(shared: Shared, row: HTMLElement, pressed: HTMLButtonElement): Promise<void> {
    pressed.disabled = true;
    try {
      await this.sharing.revoke(shared.name);
    } catch (error) {
      pressed.disabled = false;
      this.say(...paragraphs(error));
      return;
    }
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    this.say(this.words.__('%1 is revoked.', shared.name));
    next?.querySelector('button')?.focus();
  }

  private async copied(shared: Shared, link: HTMLInputElement): Promise<void> {
    const worked = await copy(shared.url, link);
    this.say(
      worked
        ? this.words.__('The link of %1 is on the clipboard.', shared.name)
        : this.words.__('The browser did not let the link be copied: it is selected, copy it with the keyboard.')
    );
  }

  private say(...texts: string[]): void {
    this.said.replaceChildren(...texts.map(text => element('span', {}, text)));
  }

  private readonly said: HTMLParagraphElement;
  private readonly rows: HTMLUListElement;
}
