/** Makes nodes of a page, and tells dates as the reader writes them. Knows nothing of sharing. */

type Child = Node | string;

/** A node with these properties and children. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A button that looks like JupyterLab's in dialogs. */
export function button(label: string, press: () => void, kind = 'jp-mod-reject'): HTMLButtonElement {
  const node = element('button', { type: 'button', className: `jp-mod-styled ${kind}` }, label);
  node.onclick = press;
  return node;
}

/** A day and a time, short, where and as the reader is. */
export function moment(text: string): string {
  return new Date(text).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** Put a text on the clipboard; whether that worked. It fails where the page is neither https nor localhost. */
export async function copy(text: string, from: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    from.select(); // the older way, which copies what is selected
    return document.execCommand('copy');
  }
}
