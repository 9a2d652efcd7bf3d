/* The front end's extensions that pages did without so far: they are loaded when this one shows something of theirs.

   Voila loads whatever is installed, megabytes of it. The server leaves out what it has seen nobody use. A widget of a
   module that nobody has registered, or an output of a kind that nobody renders, brings those that seem to be meant, and
   if that was not enough all of them. Extensions are what JupyterLab takes them for: containers of Module Federation in
   `_JUPYTERLAB`, with plugins in them. */
(() => {
  'use strict';
  const { config } = window.nbapp;
  const MANAGER = '@voila-dashboards/widgets-manager8';
  const OUTPUTS = '@jupyter-widgets/output';
  const containers = (window._JUPYTERLAB ??= {});
  const later = () => config().nbappLater;
  let app;
  let shared; // the modules that extensions have in common, by name and version

  // --- one extension
  const run = address =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      Object.assign(script, { src: address, onload: resolve, onerror: () => reject(new Error(`${address} does not load`)) });
      document.head.append(script);
    });
  const tell = error => console.error(error); // as Voila does of each that fails
  const enter = async ({ name, load }) => {
    await run(`${config().fullLabextensionsUrl}/${name}/${load}`);
    await containers[name].init(shared);
  };
  let entering; // all of them at once: one may have what another shares
  const entered = () => (entering ??= Promise.all(later().map(each => enter(each).catch(tell))));
  const exported = async (name, module) => {
    const found = (await containers[name].get(module))();
    return [Object.hasOwn(found, '__esModule') ? found.default : found].flat();
  };
  const core = async name => (await Object.values(shared[name])[0].get())();
  const takePlugins = async ({ name, extension }) => {
    const { PageConfig } = await core('@jupyterlab/coreutils');
    const plugins = (await exported(name, extension)).filter(({ id }) => !PageConfig.Extension.isDisabled(id));
    plugins.filter(({ id }) => !app.hasPlugin(id)).forEach(plugin => app.registerPlugin(plugin));
    await Promise.all(plugins.filter(({ autoStart }) => autoStart).map(({ id }) => app.activatePlugin(id)));
  };
  const takeRenderers = async ({ name, mimeExtension }) => {
    for (const { rendererFactory, rank } of await exported(name, mimeExtension)) {
      app.widgetManager.rendermime.addFactory(rendererFactory, rank);
    }
  };
  const taken = new Map(); // by name: one that was taken, or is under way
  const take = async each => {
    await entered();
    await (each.style && exported(each.name, each.style));
    await (each.mimeExtension && takeRenderers(each));
    await (each.extension && takePlugins(each));
  };
  const bring = extensions =>
    Promise.all(
      extensions.map(each => {
        if (!taken.has(each.name)) {
          taken.set(each.name, take(each).catch(error => {
            taken.delete(each.name); // another one may have what it lacked
            tell(error);
          }));
        }
        return taken.get(each.name);
      })
    );
  // Whether something is there, if need be once the extensions are that seem to bring it, or all.
  const provide = async (isThere, seemsMeant) => {
    for (const some of [[], later().filter(seemsMeant), later()]) {
      await (some.length && bring(some));
      if (await isThere()) {
        return;
      }
    }
  };

  // --- widgets: packages call an extension as the module that it registers
  const classes = (manager, load) => async (...about) => {
    let loaded;
    const isThere = () => (loaded = load.apply(manager, about)).then(() => true, () => false);
    await provide(isThere, ({ name }) => name === about[1]);
    return loaded; // or why there is none
  };

  // --- outputs: those of cells and of the author are states of Output widgets, which wait here until they can be shown
  const kinds = outputs => outputs.flatMap(({ data }) => Object.keys(data ?? {}));
  const renderable = async (outputs, { rendermime }) => {
    const isThere = () => kinds(outputs).every(kind => rendermime.mimeTypes.includes(kind));
    await provide(isThere, ({ mimeExtension }) => mimeExtension);
    return outputs;
  };
  let Output;
  const waits = (type, [name, module]) => {
    Output ??= name === 'OutputModel' && module === OUTPUTS ? type : undefined;
    if (Output && (type === Output || type.prototype instanceof Output) && !type.serializers?.outputs) {
      type.serializers = { ...type.serializers, outputs: { deserialize: renderable } };
    }
    return type;
  };

  const plugin = registry => ({
    id: 'nbapp:extensions',
    autoStart: true,
    requires: [registry],
    activate: started => {
      app = started;
      const manager = app.widgetManager;
      window.nbapp.atFirst.forEach(prepare => prepare(manager));
      const load = classes(manager, manager.loadClass);
      manager.loadClass = async (...about) => waits(await load(...about), about);
    }
  });

  // --- what Voila's own extension is given and gives
  const ours = container => ({
    init: scope => {
      shared = scope;
      return container.init(scope);
    },
    get: async module => {
      const found = (await container.get(module))();
      const plugins = [found.default].flat();
      return () => ({ __esModule: true, default: [...plugins, plugin(plugins[0].provides)] });
    }
  });
  let container;
  Object.defineProperty(containers, MANAGER, { get: () => container, set: made => (container = ours(made)) });
})();
