/**
 * The notebook as an app: text and live outputs without code, on the same kernel and the same values, where its page
 * has them.
 *
 * The outputs are further views of the document's own models, so widgets and pictures change in both at once.
 */
import type { ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel, isMarkdownCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { ask, Layout, question } from './layout';
import { Regions } from './regions';
import { Slots } from './slots';
import { Text } from './text';

const QUIET = 200; // milliseconds without a change until the layout is asked for

export class AppView extends Widget {
  /** The page is laid out anew. */
  readonly arranged = new Signal<this, Layout>(this);

  constructor(
    private readonly panel: NotebookPanel,
    private readonly services: ServiceManager.IManager,
    private readonly words: TranslationBundle
  ) {
    super();
    this.addClass('nbapp-App');
    this.addClass('jp-RenderedHTMLCommon');
    this.node.append(this.page);
    this.page.className = 'nbapp-App-page nbapp-page-narrow';
    this.slots = new Slots(view => this.places.get(this.cellOf.get(view)!)!);
    this.layout = this.slots;
    this.regions = new Regions(this.page, region => this.slots.resize(region));
    panel.context.model.contentChanged.connect(this.later, this); // metadata too
    void this.ask();
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.panel.context.model?.contentChanged.disconnect(this.later, this);
    super.dispose();
  }

  private later(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), QUIET);
  }

  /** Outputs that change are content too: the server is asked when something else did. */
  private async ask(): Promise<void> {
    const body = question(this.panel.context, this.services.contents);
    if (body !== this.asked) {
      this.asked = body;
      const layout = await ask(body, this.services.serverSettings, this.words);
      if (body === this.asked && !this.isDisposed && !this.panel.isDisposed) {
        this.arrange(layout);
        this.arranged.emit(layout);
      }
    }
  }

  /** Have one view in each slot; views that are there already only move. */
  private arrange(layout: Layout): void {
    const changed = layout.markup !== this.markup;
    const template = document.createElement('template');
    template.innerHTML = layout.markup; // what authors wrote is escaped in it
    const slots = (changed ? template.content : this.page).querySelectorAll<HTMLElement>('.nbapp-slot');
    this.places = new Map([...slots].map(slot => [slot.dataset.nbappCell ?? '', slot]));
    const models = new Set<ICellModel>(this.panel.context.model.cells);
    for (const [model, view] of this.views) {
      if (!models.has(model) || !this.places.has(model.id)) {
        view.dispose();
        this.views.delete(model);
      }
    }
    if (changed) {
      this.markup = layout.markup;
      this.replace(template.content);
    }
    this.page.className = this.page.className.replace(/nbapp-page-\w+/, `nbapp-page-${layout.page.width}`);
    this.fill(models, layout.texts);
  }

  private replace(content: DocumentFragment): void {
    const focused = document.activeElement;
    this.slots.move();
    this.page.replaceChildren(content);
    this.regions.settle();
    if (this.page.contains(focused)) {
      (focused as HTMLElement).focus();
    }
    this.slots.resize(this.page);
  }

  /** Make the views that are missing. */
  private fill(models: Set<ICellModel>, texts: Layout['texts']): void {
    for (const model of models) {
      if (this.places.has(model.id)) {
        const known = this.views.get(model);
        const view = known ?? this.view(model);
        if (view !== null && known === undefined) {
          this.views.set(model, view);
          this.cellOf.set(view, model.id);
          this.slots.addWidget(view);
        }
        if (view instanceof Text) {
          view.show(texts[model.id]);
        }
      }
    }
  }

  private view(model: ICellModel): Widget | null {
    const { rendermime, contentFactory } = this.panel.content;
    if (isCodeCellModel(model)) {
      const area = new SimplifiedOutputArea({ model: model.outputs, rendermime, contentFactory });
      area.addClass('nbapp-App-output');
      return area;
    }
    return isMarkdownCellModel(model) ? new Text(model, rendermime) : null;
  }

  private readonly page = document.createElement('div');
  private readonly slots: Slots;
  private readonly regions: Regions;
  private readonly views = new Map<ICellModel, Widget>();
  private readonly cellOf = new WeakMap<Widget, string>();
  private places = new Map<string, Element>(); // by the id of the cell
  private asked = '';
  private markup: string | null = null;
  private timer = 0;
}
