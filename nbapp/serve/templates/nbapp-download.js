/* Buttons of `ui.download`: the server is told to wait for a file, the kernel makes it, the browser fetches it. */
(() => {
  'use strict';
  const CLASS = 'nbapp-download';
  const { ask, config, manager, notice } = window.nbapp;

  // A frame, not a link: to follow one would tell the page that it is being left.
  const fetched = address => {
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = address;
    document.body.append(frame);
    // It stays as long as a file may be on its way: a frame that goes ends its download.
    setTimeout(() => frame.remove(), 3600_000);
  };

  // Whether the kernel has made the file; null when nobody knows any more.
  const told = async address => {
    for (;;) {
      const answer = await ask(`${address}?made`);
      const { made } = answer?.ok ? await answer.json() : { made: null };
      if (made !== undefined) {
        return made;
      }
    }
  };

  const gives = view => {
    let passes = false; // the click that was told to the server, on its way to the kernel
    view.el.addEventListener('click', async event => {
      if (passes || view.el.disabled) {
        return;
      }
      event.preventDefault();
      event.stopImmediatePropagation();
      const { baseUrl, kernelId } = config();
      const address = `${baseUrl}nbapp/download/${kernelId}/${view.model.model_id}`;
      const answer = await ask(address, 'POST');
      if (!answer?.ok) {
        return; // the page says by itself that its server or kernel is gone
      }
      passes = true;
      view.el.click();
      passes = false;
      const made = await told(address);
      if (made) {
        fetched(`${address}?asked=${Date.now()}`);
      } else if (made === false) {
        notice(`“${view.model.get('description')}”: the file could not be made.`);
      }
    }, { capture: true });
  };

  const known = new WeakSet();
  const adopt = view => {
    if (view?.model?.get?.('_dom_classes')?.includes(CLASS) && !known.has(view)) {
      known.add(view);
      gives(view);
    }
    return view;
  };
  manager.then(widgets => {
    const create = widgets.create_view;
    widgets.create_view = async function (...about) {
      return adopt(await create.apply(this, about));
    };
    for (const model of widgets._modelsSync?.values() ?? []) {
      Object.values(model.views ?? {}).forEach(view => view.then(adopt, () => {}));
    }
  });
})();
