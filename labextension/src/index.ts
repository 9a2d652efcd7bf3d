/**
 * What front ends load of nbapp. Voila loads every extension too, and has no notebook that could be followed: the rest
 * is loaded where there is one, because the packages that it shares do not exist in a page of Voila.
 */
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

const ID = 'nbapp:plugin';

const plugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows a notebook live: outputs follow the widgets, in place.',
  autoStart: true,
  activate: async (app: JupyterFrontEnd): Promise<void> => {
    if (app.name !== 'Voila') {
      const { follow } = await import('./live');
      await follow(app, ID);
    }
  }
};

export default plugin;
