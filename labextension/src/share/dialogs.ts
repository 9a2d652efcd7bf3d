/**
 * *Share App*: asks, has JupyterLab save the notebook, has the server make the link, and shows it; and *Shared Apps*.
 *
 * Three dialogs one after the other, because JupyterLab's own about a file that cannot be saved must be able to come
 * in between: it shows one dialog at a time.
 */
import { Dialog, Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Panel, Widget } from '@lumino/widgets';

import type { Connection } from '../connection';
import type { Values } from '../wire';
import { button, copy, element, moment } from './elements';
import { Answers, FIRST, seconds, ShareForm } from './form';
import { SharedApps } from './list';
import { CannotShare, paragraphs, Shared, Sharing } from './sharing';

/** A dialog in whose body buttons and the like take Enter themselves, in each version of JupyterLab. */
class BodyDialog<T> extends Dialog<T> {
  constructor(options: Partial<Dialog.IOptions<T>> & { title: string }) {
    super(options);
    this.addClass('nbapp-Dialog');
    this.node.setAttribute('aria-label', options.title);
  }

  handleEvent(event: Event): void {
    const focused = document.activeElement;
    const own = focused?.matches('button, summary, a') && focused.closest('.jp-Dialog-body') !== null;
    if (!(own && event.type === 'keydown' && (event as KeyboardEvent).key === 'Enter')) {
      super.handleEvent(event);
    }
  }
}

/** Show the author's links. */
export async function showSharedApps(sharing: Sharing, words: TranslationBundle): Promise<void> {
  const buttons = [Dialog.okButton({ label: words.__('Close') })];
  await new BodyDialog({ title: words.__('Shared Apps'), body: new SharedApps(sharing, words), buttons }).launch();
}

/** Share a notebook as an app; over when the author has the link, or gave up. */
export async function shareApp(
  panel: NotebookPanel,
  connection: Connection | undefined,
  path: string,
  sharing: Sharing,
  words: TranslationBundle
): Promise<void> {
  let answers: Answers | null = FIRST;
  let trouble: readonly string[] = [];
  while (answers !== null) {
    const values = connection?.isOpen ? connection.current() : null;
    answers = await ask(answers, values, trouble, sharing, words);
    if (answers !== null) {
      try {
        await save(panel, words);
        await make(answers, values, path, sharing, words);
        return;
      } catch (error) {
        trouble = paragraphs(error);
      }
    }
  }
}

/** The answers, null when the author gave up. */
async function ask(
  answers: Answers,
  values: Promise<Values> | null,
  trouble: readonly string[],
  sharing: Sharing,
  words: TranslationBundle
): Promise<Answers | null> {
  const form = new ShareForm(words, answers, values, sharing.isOnHub, trouble);
  const body = new FormAndList(form, new SharedApps(sharing, words), words);
  const dialog = new BodyDialog<Answers>({
    title: words.__('Share App'),
    body,
    focusNodeSelector: sharing.isOnHub ? '#nbapp-share-to' : '#nbapp-share-until',
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: words.__('Share') })]
  });
  const result = await dialog.launch();
  return result.button.accept ? result.value : null;
}

/** The form, and below it, closed, the links that there are. */
class FormAndList extends Panel {
  constructor(
    private readonly form: ShareForm,
    private readonly list: SharedApps,
    words: TranslationBundle
  ) {
    super();
    this.addClass('nbapp-Share-body');
    this.addWidget(form);
    this.node.append(element('details', {}, element('summary', {}, words.__('Your shared apps')), list.node));
  }

  dispose(): void {
    this.list.dispose();
    super.dispose();
  }

  getValue(): Answers {
    return this.form.getValue();
  }
}

/** JupyterLab saves, with whatever it has to ask; an older file must not be shared in place of what is seen. */
async function save({ context }: NotebookPanel, words: TranslationBundle): Promise<void> {
  if (context.model.dirty) {
    await context.save().catch(() => undefined); // it has told the author why
  }
  if (context.model.dirty) {
    throw new CannotShare([
      words.__('The notebook was not saved, so it was not shared.'),
      words.__('Save it in JupyterLab, or undo your changes, then share it.')
    ]);
  }
}

/** Have the link made, while a dialog says so and then shows it. */
async function make(
  answers: Answers,
  values: Promise<Values> | null,
  path: string,
  sharing: Sharing,
  words: TranslationBundle
): Promise<void> {
  const body = new Link(words);
  const buttons = [Dialog.okButton({ label: words.__('Close') })];
  const dialog = new BodyDialog({ title: words.__('Share App'), body, buttons });
  const closed = dialog.launch();
  try {
    const told = answers.current && values !== null ? await values.catch(() => gone(words)) : null;
    if (body.isDisposed) {
      return; // given up while the kernel was busy
    }
    const shared = await sharing.share({
      notebook: path,
      name: answers.name.trim() || null,
      expires: seconds(answers),
      to: names(answers.to),
      values: Object.fromEntries(told?.values.map(({ name, text }) => [name, text]) ?? []),
      pin: answers.pin
    });
    if (body.isDisposed) {
      Notification.success(words.__('The app is shared: %1', shared.url), { autoClose: false });
    } else {
      await body.present(shared);
    }
  } catch (error) {
    dialog.reject();
    await closed;
    throw error;
  }
  await closed;
}

/** Users and groups, as they were written with commas between. */
function names(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

function gone(words: TranslationBundle): never {
  throw new CannotShare([
    words.__('The kernel went away before it told the current values.'),
    words.__('Share the app with the defaults, or run the notebook again.')
  ]);
}

/** Says that the link is being made, then shows it. */
class Link extends Widget {
  constructor(private readonly words: TranslationBundle) {
    super();
    this.addClass('nbapp-Share');
    this.said = element('p', {}, words.__('Making the link. Starting an app can take some seconds.'));
    this.said.setAttribute('role', 'status');
    this.node.append(element('progress', {}), this.said);
  }

  /** Show the link, selected, and put it on the clipboard. */
  async present(shared: Shared): Promise<void> {
    const { words } = this;
    const link = element('input', { type: 'text', className: 'jp-mod-styled', readOnly: true, value: shared.url });
    link.setAttribute('aria-label', words.__('Link'));
    const again = button(words.__('Copy'), () => void this.copy(shared, link));
    const whom = shared.to.length > 0 ? shared.to.join(', ') : words.__('whoever has the link');
    const ends = shared.expires === null ? words.__('you revoke it') : moment(shared.expires);
    const fact = element('p', { className: 'nbapp-Share-fact' }, words.__('For %1, until %2.', whom, ends));
    this.node.replaceChildren(element('div', { className: 'nbapp-Shared-actions' }, link, again), this.said, fact);
    link.focus();
    link.select();
    await this.copy(shared, link);
  }

  private async copy(shared: Shared, link: HTMLInputElement): Promise<void> {
    const worked = await copy(shared.url, link);
    this.said.textContent = worked
      ? this.words.__('The link is on the clipboard.')
      : this.words.__('The browser did not let the link be copied: it is selected, copy it with the keyboard.');
  }

  private readonly said: HTMLParagraphElement;
}
