/** Views of cells stand in the slots of a page's markup, wherever in it they are. Knows nothing of what they show. */
import { MessageLoop } from '@lumino/messaging';
import { PanelLayout, Widget } from '@lumino/widgets';

export class Slots extends PanelLayout {
  /** `slotOf` gives the element in which a view stands now. */
  constructor(private readonly slotOf: (view: Widget) => Element) {
    super();
  }

  /** The slots are others: views move there and stay what they are. */
  move(): void {
    for (const view of this.widgets) {
      this.slotOf(view).append(view.node);
    }
  }

  /** What was out of sight, or has another width, draws itself anew. */
  resize(region: Element): void {
    for (const view of this.widgets) {
      if (region.contains(view.node)) {
        MessageLoop.sendMessage(view, Widget.ResizeMessage.UnknownSize);
      }
    }
  }

  protected attachWidget(_: number, view: Widget): void {
    this.tell(view, Widget.Msg.BeforeAttach);
    this.slotOf(view).append(view.node);
    this.tell(view, Widget.Msg.AfterAttach);
  }

  protected moveWidget(): void {
    // The order of the views says nothing: slots have theirs.
  }

  protected detachWidget(_: number, view: Widget): void {
    this.tell(view, Widget.Msg.BeforeDetach);
    view.node.remove();
    this.tell(view, Widget.Msg.AfterDetach);
  }

  private tell(view: Widget, message: typeof Widget.Msg.BeforeAttach): void {
    if (this.parent?.isAttached) {
      MessageLoop.sendMessage(view, message);
    }
  }
}
