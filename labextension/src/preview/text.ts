/** A rendered Markdown cell that follows its source. */
import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { MimeModel } from '@jupyterlab/rendermime';
import { Widget } from '@lumino/widgets';

export class Text extends Widget {
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

  /** Show the source of the cell, or what is left of it where its heading is a title elsewhere. */
  show(rest?: string): void {
    const source = rest ?? this.model.sharedModel.getSource();
    if (source !== this.source) {
      this.source = source;
      this.node.hidden = source.trim() === '';
      void this.render(source);
    }
  }

  private source: string | null = null;
  private readonly render: (source: string) => Promise<void>;
  private readonly renderer: Widget;
}
