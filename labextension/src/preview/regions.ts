/**
 * The regions of a previewed page that open and shut: tabs, expanders, the sidebar.
 *
 * What is open stays so when the page is laid out anew. The page of `nbapp serve` does the same in `nbapp-layout.js`.
 */
const STEPS: { [key: string]: number } = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };

export class Regions {
  /** `seen` is called with what comes into sight. */
  constructor(
    private readonly page: HTMLElement,
    private readonly seen: (region: Element) => void
  ) {
    page.addEventListener('toggle', event => this.toggled(event.target as HTMLElement), { capture: true });
  }

  /** Make new markup work. */
  settle(): void {
    for (const fold of this.page.querySelectorAll<HTMLDetailsElement>('details')) {
      fold.open = this.opened.get(fold.dataset.nbappRegion ?? '') === true;
    }
    this.page.querySelectorAll<HTMLElement>('.nbapp-tabs').forEach(tabs => this.tabbed(tabs));
    const button = this.page.querySelector<HTMLElement>('.nbapp-side-button');
    this.page.classList.toggle('nbapp-sided', button !== null);
    if (button !== null) {
      this.sided(button);
    }
  }

  private toggled(fold: HTMLElement): void {
    if (fold instanceof HTMLDetailsElement) {
      this.opened.set(fold.dataset.nbappRegion ?? '', fold.open);
      this.seen(fold);
    }
  }

  /** The sidebar is as its setting says, until somebody clicks. */
  private sided(button: HTMLElement): void {
    const wanted = button.getAttribute('aria-expanded') === 'true';
    const sidebar = this.page.querySelector<HTMLElement>('.nbapp-sidebar')!;
    button.setAttribute('aria-controls', (sidebar.id = `nbapp-preview-${++made}`)); // several previews may be open
    if (this.wanted !== wanted) {
      this.opened.delete('side');
      this.wanted = wanted;
    }
    const show = () => {
      const open = this.opened.get('side') ?? wanted;
      button.setAttribute('aria-expanded', String(open));
      this.page.classList.toggle('nbapp-shut', !open);
    };
    button.onclick = () => {
      this.opened.set('side', this.page.classList.contains('nbapp-shut'));
      show();
      this.seen(this.page);
    };
    show();
  }

  /** A bar of tabs, as WAI-ARIA's pattern has it: arrow keys choose, Tab goes on into the panel. */
  private tabbed(tabs: HTMLElement): void {
    const bar = document.createElement('div');
    bar.className = 'nbapp-tab-bar';
    bar.setAttribute('role', 'tablist');
    const panels = [...tabs.querySelectorAll<HTMLElement>(':scope > .nbapp-tab')];
    for (const panel of panels) {
      const tab = document.createElement('button');
      panel.id = `nbapp-preview-${++made}`;
      tab.id = `${panel.id}-tab`;
      tab.textContent = panel.dataset.nbappTitle ?? '';
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', panel.id);
      tab.onclick = () => this.choose(tabs, tab, true);
      panel.setAttribute('role', 'tabpanel');
      panel.tabIndex = 0;
      bar.append(tab);
    }
    bar.onkeydown = event => this.stepped(tabs, bar, event);
    tabs.prepend(bar);
    const all = [...bar.children] as HTMLElement[];
    const last = this.chosen.get(tabs.dataset.nbappRegion ?? '');
    this.choose(tabs, all.find(tab => tab.textContent === last) ?? all[0], false);
  }

  private stepped(tabs: HTMLElement, bar: HTMLElement, event: KeyboardEvent): void {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    event.preventDefault();
    const all = [...bar.children] as HTMLElement[];
    const at = all.indexOf(document.activeElement as HTMLElement) + step;
    const next = Math.abs(step) === 1 ? (at + all.length) % all.length : Math.min(all.length - 1, Math.max(0, at));
    this.choose(tabs, all[next], true);
  }

  private choose(tabs: HTMLElement, chosen: HTMLElement, byHand: boolean): void {
    for (const tab of tabs.querySelectorAll<HTMLElement>(':scope > .nbapp-tab-bar > button')) {
      const panel = tabs.querySelector<HTMLElement>(`:scope > #${tab.getAttribute('aria-controls')}`)!;
      tab.setAttribute('aria-selected', String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      panel.hidden = tab !== chosen;
      if (tab === chosen && byHand) {
        this.chosen.set(tabs.dataset.nbappRegion ?? '', tab.textContent ?? '');
        tab.focus();
        this.seen(panel);
      }
    }
  }

  private readonly opened = new Map<string, boolean>();
  private readonly chosen = new Map<string, string>();
  private wanted: boolean | null = null;
}

let made = 0;
