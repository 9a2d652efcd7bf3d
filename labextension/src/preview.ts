/**
 * The notebook as an app, beside it: text and live outputs without code, on the same kernel and the same values.
 *
 * The outputs are further views of the document's own models, so widgets and pictures change in both at once.
 */
import type { ICellModel } from '@jupyterlab/cells';
import { isCodeCellModel, isMarkdownCellModel } from '@jupyterlab/cells';
import { MainAreaWidget } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { SimplifiedOutputArea } from '@jupyterlab/outputarea';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MimeModel } from '@jupyterlab/rendermime';
import { Panel, Widget } from '@lumino/widgets';

/** A panel that shows the app of a notebook; it closes with it. */
export function preview(panel: NotebookPanel, words: TranslationBundle): MainAreaWidget<AppView> {
  const widget = new MainAreaWidget({ content: new AppView(panel) });
  const retitle = () => {
    widget.title.label = words.__('App: %1', panel.title.label.replace(/\.ipynb$/, ''));
  };
  widget.title.closable = true;
  widget.toolbar.hide();
  retitle();
  panel.title.changed.connect(retitle);
  panel.disposed.connect(() => widget.dispose());
  widget.disposed.connect(() => panel.title.changed.disconnect(retitle));
  return widget;
}

export class AppView extends Panel {
  constructor(private readonly panel: NotebookPanel) {
    super();
    this.addClass('nbapp-App');
    this.addClass('jp-RenderedHTMLCommon');
    panel.context.model.contentChanged.connect(this.later, this);
    this.arrange();
  }

  dispose(): void {
    window.cancelAnimationFrame(this.frame);
    this.panel.context.model?.contentChanged.disconnect(this.later, this);
    super.dispose();
  }

  private later(): void {
    if (this.frame === 0) {
      this.frame = window.requestAnimationFrame(() => {
        this.frame = 0;
        this.arrange();
      });
    }
  }

  /** Have one view for each cell, in the document's order; views that are right already stay. */
  private arrange(): void {
    const cells = this.panel.context.model.cells;
    const wanted = new Set<ICellModel>(cells);
    for (const [model, view] of this.views) {
      if (!wanted.has(model)) {
        view.dispose();
        this.views.delete(model);
      }
    }
    let index = 0;
    for (const model of cells) {
      const view = this.views.get(model) ?? this.view(model);
      if (view !== null) {
        this.views.set(model, view);
        if (this.widgets[index] !== view) {
          this.insertWidget(index, view);
        }
        index++;
        if (view instanceof Text) {
          view.update();
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

  private readonly views = new Map<ICellModel, Widget>();
  private frame = 0;
}

/** A rendered Markdown cell that follows its source. */
class Text extends Widget {
  constructor(
    private readonly model: ICellModel,
    rendermime: NotebookPanel['content']['rendermime']
  ) {
    super();
    const renderer = rendermime.createRenderer('text/markdown');
    this.addClass('nbapp-App-text');
    this.render = (source: string) =>
      renderer.renderModel(new MimeModel({ data: { 'text/markdown': source }, trusted: model.trusted }));
    this.renderer = renderer;
    this.node.append(renderer.node);
  }

  dispose(): void {
    this.renderer.dispose();
    super.dispose();
  }

  update(): void {
    const source = this.model.sharedModel.getSource();
    if (source !== this.source) {
      this.source = source;
      void this.render(source);
    }
  }

  private source: string | null = null;
  private readonly render: (source: string) => Promise<void>;
  private readonly renderer: Widget;
}
