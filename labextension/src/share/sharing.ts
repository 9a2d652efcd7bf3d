/**
 * Asks nbapp's part of the Jupyter server to make links, to list them and to take them back.
 *
 * `nbapp/share/server_extension.py` answers. This file knows neither a Hub nor a page.
 */
import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

/** A link that an author asks for; `expires` in seconds from now, null for never. */
export interface Wanted {
  notebook: string;
  name: string | null;
  expires: number | null;
  to: string[];
  values: { [name: string]: string };
  pin: boolean;
}

/** A link that there is; `notebook` as the server's folder names it, times in ISO 8601. */
export interface Shared {
  name: string;
  url: string;
  notebook: string;
  made: string;
  expires: string | null;
  to: string[];
  values: { [name: string]: unknown };
  pinned: boolean;
}

/** Why there is no link, a paragraph each: what is missing, who can mend it, what to do instead. */
export class CannotShare extends Error {
  constructor(readonly paragraphs: readonly string[]) {
    super(paragraphs.join(' '));
  }
}

export class Sharing {
  constructor(
    private readonly settings: ServerConnection.ISettings,
    private readonly words: TranslationBundle
  ) {}

  /** Whether links are for people of a JupyterHub. */
  get isOnHub(): boolean {
    return PageConfig.getOption('hubUser') !== '';
  }

  async share(wanted: Wanted): Promise<Shared> {
    return whole((await this.ask('POST', '', wanted)) as Shared);
  }

  /** The author's links, the newest first. */
  async list(): Promise<Shared[]> {
    return ((await this.ask('GET', '')) as { shared: Shared[] }).shared.map(whole);
  }

  async revoke(name: string): Promise<void> {
    await this.ask('DELETE', `/${encodeURIComponent(name)}`);
  }

  private async ask(method: string, path: string, body?: object): Promise<unknown> {
    const url = `${URLExt.join(this.settings.baseUrl, 'nbapp/shares')}${path}`;
    const init: RequestInit = { method, body: body && JSON.stringify(body) };
    const response = await ServerConnection.makeRequest(url, init, this.settings);
    const answer = await response.json().catch(() => ({}));
    if (response.ok) {
      return answer;
    }
    if (Array.isArray(answer.paragraphs)) {
      throw new CannotShare(answer.paragraphs);
    }
    if (answer.message) {
      throw new CannotShare([this.words.__('The Jupyter server refused: %1', answer.message)]);
    }
    throw new CannotShare([
      this.words.__('The Jupyter server does not know how to share apps (%1).', response.status),
      this.words.__('Install nbapp in the environment in which the Jupyter server runs, and start it again.')
    ]);
  }
}

/** A Hub may not know how browsers reach it: this page does. */
function whole(shared: Shared): Shared {
  return { ...shared, url: new URL(shared.url, window.location.href).href };
}

/** What went wrong, in paragraphs to show. */
export function paragraphs(error: unknown): readonly string[] {
  return error instanceof CannotShare ? error.paragraphs : [error instanceof Error ? error.message : String(error)];
}
