/* Live coding: when the notebook was saved, the page asks for itself anew and takes over what differs. Cells that are
   still there keep their views, and so everything that a visitor has set, scrolled and focused; also where their place is
   another now. */
(() => {
  'use strict';
  const { manager, model, config, notice } = window.nbapp;
  const main = document.querySelector.bind(document, 'main');
  const body = document.body;
  const VIEW = 'application/vnd.voila.cell-output+json';
  const CELL = '[data-nbapp-cell]';
  const REGION = '[data-nbapp-region]';
  const cellOf = wrapper => wrapper.querySelector('.jp-Cell');

  // What a text looked like before its formulas were set: only what differs from that is put in.
  const sources = new Map();
  const note = wrapper => {
    const cell = cellOf(wrapper);
    if (cell?.matches('.jp-MarkdownCell')) {
      sources.set(cell.id, cell.innerHTML);
    }
  };
  document.addEventListener('DOMContentLoaded', () => document.querySelectorAll(CELL).forEach(note));

  const keeps = (old, fresh) => {
    if (old?.dataset.nbappHiding !== fresh.dataset.nbappHiding) {
      return false;
    }
    const [before, after] = [cellOf(old), cellOf(fresh)];
    const isText = after.matches('.jp-MarkdownCell');
    return isText ? sources.get(after.id) === after.innerHTML : before.matches('.jp-CodeCell') && after.matches('.jp-CodeCell');
  };

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

  // A cell as it is to stand in the page: the one that is there, or a new one.
  const kept = (fresh, known, added) => {
    const old = known.get(fresh.dataset.nbappCell);
    if (!keeps(old, fresh)) {
      const wrapper = document.importNode(fresh, true);
      note(wrapper);
      added.push(wrapper);
      return wrapper;
    }
    const code = fresh.querySelector('.jp-Cell-inputWrapper');
    const place = old.querySelector('.jp-Cell-inputWrapper');
    if (cellOf(fresh).matches('.jp-CodeCell') && code && place && code.innerHTML !== place.innerHTML) {
      place.innerHTML = code.innerHTML;
    }
    adopt(old, fresh);
    return old;
  };
  const adopt = (old, fresh) => {
    for (const { name, value } of fresh.attributes) {
      if (name === 'class' || name === 'style' || name.startsWith('data-')) {
        old.setAttribute(name, value);
      }
    }
  };

  // Regions are known again by their key. What stays where it is, is not touched: a node that is put elsewhere loses its
  // focus and its place.
  const isPart = node => node.matches(`${CELL}, ${REGION}`);
  const fit = (place, fresh, known, added) => {
    const parts = [...fresh.children].filter(isPart).map(part => {
      if (part.matches(CELL)) {
        return kept(part, known.cells, added);
      }
      const old = known.regions.get(part.dataset.nbappRegion);
      const region = old?.tagName === part.tagName ? old : document.importNode(part, false);
      adopt(region, part);
      for (const piece of part.querySelectorAll(':scope > [data-nbapp-chrome]')) {
        const there = region.querySelector(`:scope > [data-nbapp-chrome="${piece.dataset.nbappChrome}"]`);
        there ?? region.append(document.importNode(piece, true));
      }
      fit(region, part, known, added);
      return region;
    });
    const wanted = new Set(parts);
    [...place.children].filter(child => isPart(child) && !wanted.has(child)).forEach(child => child.remove());
    let next = [...place.children].find(isPart) ?? null;
    for (const part of parts) {
      if (part === next) {
        next = next.nextElementSibling;
      } else {
        place.insertBefore(part, next);
      }
    }
  };
  const byKey = (selector, key) => new Map([...main().querySelectorAll(selector)].map(node => [node.dataset[key], node]));
  const take = async (page, widgets) => {
    const added = [];
    fit(main(), page.querySelector('main'), { cells: byKey(CELL, 'nbappCell'), regions: byKey(REGION, 'nbappRegion') }, added);
    document.title = page.title;
    const widths = classes => [...classes].filter(name => name.startsWith('nbapp-page-'));
    body.classList.remove(...widths(body.classList));
    body.classList.add(...widths(page.body.classList));
    const icon = page.querySelector('link[rel="icon"]');
    document.querySelector('link[rel="icon"]').href = icon.getAttribute('href');
    window.nbapp.arrange();
    window.nbapp.seen(main());
    if (page.body.dataset.nbappTheme !== body.dataset.nbappTheme) {
      notice('The page has another theme now: reload it to see that.');
    }
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
