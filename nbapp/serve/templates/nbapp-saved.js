/* Live coding: when the notebook was saved, the page asks for itself anew and takes over what differs. Cells that are
   still there keep their views, and so everything that a visitor has set, scrolled and focused. */
(() => {
  'use strict';
  const { manager, model, config, notice } = window.nbapp;
  const main = document.querySelector.bind(document, 'main');
  const body = document.body;
  const VIEW = 'application/vnd.voila.cell-output+json';
  const cellOf = wrapper => wrapper.querySelector('.jp-Cell');

  // What a text looked like before its formulas were set: only what differs from that is put in.
  const sources = new Map();
  const note = wrapper => {
    const cell = cellOf(wrapper);
    if (cell?.matches('.jp-MarkdownCell')) {
      sources.set(cell.id, cell.innerHTML);
    }
  };
  document.addEventListener('DOMContentLoaded', () => [...main().children].forEach(note));

  const keeps = (old, fresh) =>
    old && (fresh.matches('.jp-MarkdownCell') ? sources.get(fresh.id) === fresh.innerHTML : old.matches('.jp-CodeCell') && fresh.matches('.jp-CodeCell'));

  const shown = async (wrapper, widgets) => {
    const { rendermime } = widgets;
    wrapper.querySelectorAll('.nbapp-recorded').forEach(place => place.remove());
    const text = wrapper.querySelector('.jp-MarkdownOutput');
    if (text) {
      rendermime.latexTypesetter?.typeset(text);
    }
    for (const script of wrapper.querySelectorAll(`script[type="${VIEW}"]`)) {
      const output = JSON.parse(script.textContent);
      const mime = rendermime.preferredMimeType(output.data, 'any');
      await model(widgets, output.data[mime].model_id);
      const renderer = rendermime.createRenderer(mime);
      renderer.addClass('jp-OutputArea-output');
      const place = script.parentElement;
      script.remove();
      renderer.constructor.attach(renderer, place);
      await renderer.renderModel(output);
    }
  };

  const take = async (page, widgets) => {
    const known = new Map([...main().children].filter(cellOf).map(wrapper => [cellOf(wrapper).id, wrapper]));
    const added = [];
    const wrappers = [...page.querySelector('main').children].filter(cellOf).map(fresh => {
      const cell = cellOf(fresh);
      const old = known.get(cell.id);
      if (keeps(old && cellOf(old), cell)) {
        const code = cell.querySelector('.jp-Cell-inputWrapper');
        const place = cellOf(old).querySelector('.jp-Cell-inputWrapper');
        if (cell.matches('.jp-CodeCell') && code && place && code.innerHTML !== place.innerHTML) {
          place.innerHTML = code.innerHTML;
        }
        known.delete(cell.id);
        return old;
      }
      const wrapper = document.importNode(fresh, true);
      note(wrapper);
      added.push(wrapper);
      return wrapper;
    });
    // What stays where it is, is not touched: a node that is put elsewhere loses its focus and its place.
    known.forEach(wrapper => wrapper.remove());
    let next = [...main().children].find(cellOf) ?? null;
    for (const wrapper of wrappers) {
      if (wrapper === next) {
        next = next.nextElementSibling;
      } else {
        main().insertBefore(wrapper, next);
      }
    }
    document.title = page.title;
    await Promise.all(added.map(wrapper => shown(wrapper, widgets)));
  };

  let isUnderWay = false;
  const look = async (widgets, saved) => {
    const { version, error } = JSON.parse(saved.get('value') || '{}');
    notice(error ? `What was saved is not shown: ${error}` : '');
    if (isUnderWay || !version || version === body.dataset.nbappVersion) {
      return;
    }
    isUnderWay = true;
    try {
      const answer = await fetch(window.location.href, { headers: { 'X-Nbapp-Kernel': config().kernelId } });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        await take(page, widgets);
        body.dataset.nbappVersion = page.body.dataset.nbappVersion;
      }
    } finally {
      isUnderWay = false;
    }
  };
  manager.then(async widgets => {
    const saved = await model(widgets, 'nbapp-saved');
    saved.on('change:value', () => look(widgets, saved));
    look(widgets, saved);
  });
})();
