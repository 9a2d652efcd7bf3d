/* The regions of a page: tabs, a sidebar that opens and shuts, and word to what is drawn in them when it comes into sight.
   Without this script everything is there, one below the other. */
(() => {
  'use strict';
  const FAILED = '.nbapp-error, [data-mime-type$=".stderr"] > pre > .ansi-red-fg:first-child';
  const WORKING = '.nbapp-under-way, .nbapp-first-run';
  const main = () => document.querySelector('main');

  // --- a widget that was drawn where it had no room, or another, draws itself again. Some hear of it as a resize of the
  // window, some as JupyterLab's panels tell it.
  const seen = region => {
    window.dispatchEvent(new Event('resize'));
    window.nbapp.manager.then(async manager => {
      for (const place of region.querySelectorAll('[data-nbapp-cell]')) {
        const id = `nbapp-cell-${place.dataset.nbappCell}`;
        const model = manager.has_model(id) ? await manager.get_model(id) : null;
        for (const view of await Promise.all(Object.values(model?.views ?? {}))) {
          const widget = view.luminoWidget;
          widget?.processMessage(widget.constructor.ResizeMessage.UnknownSize);
        }
      }
    });
  };

  // --- tabs, as WAI-ARIA's pattern has them: arrow keys choose, Tab goes on into the panel
  let made = 0;
  const choose = (tabs, title, focus) => {
    for (const tab of tabs.querySelectorAll(':scope > .nbapp-tab-bar > button')) {
      const chosen = tab.textContent === title;
      const panel = document.getElementById(tab.getAttribute('aria-controls'));
      tab.setAttribute('aria-selected', String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      panel.hidden = !chosen;
      if (chosen) {
        tabs.dataset.nbappChosen = title;
        if (focus) {
          tab.focus();
          tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          seen(panel);
        }
      }
    }
  };
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const moved = (tabs, event) => {
    const step = STEPS[event.key];
    const all = [...event.currentTarget.children];
    if (step !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      const at = all.indexOf(document.activeElement) + step;
      const next = Math.abs(step) === 1 ? (at + all.length) % all.length : Math.min(all.length - 1, Math.max(0, at));
      choose(tabs, all[next].textContent, true);
    }
  };
  const tabbed = tabs => {
    const panels = [...tabs.children].filter(child => child.matches('.nbapp-tab'));
    const bar = document.createElement('div');
    bar.className = 'nbapp-tab-bar';
    bar.setAttribute('role', 'tablist');
    bar.addEventListener('keydown', event => moved(tabs, event));
    for (const panel of panels) {
      const tab = document.createElement('button');
      const title = panel.dataset.nbappTitle;
      const number = (panel.id ||= `nbapp-panel-${++made}`).split('-').at(-1);
      Object.assign(tab, { type: 'button', id: `nbapp-tab-${number}`, textContent: title });
      tab.setAttribute('role', 'tab');
      tab.setAttribute('aria-controls', panel.id);
      tab.addEventListener('click', () => choose(tabs, title, true));
      panel.setAttribute('role', 'tabpanel');
      panel.tabIndex = 0;
      bar.append(tab);
    }
    const old = tabs.querySelector(':scope > .nbapp-tab-bar');
    const focused = old?.contains(document.activeElement);
    old ? old.replaceWith(bar) : tabs.prepend(bar);
    const titles = panels.map(panel => panel.dataset.nbappTitle);
    const chosen = titles.includes(tabs.dataset.nbappChosen) ? tabs.dataset.nbappChosen : titles[0];
    choose(tabs, chosen, false);
    if (focused) {
      bar.querySelector('[aria-selected="true"]').focus();
    }
  };

  // --- a link within the page leads also to what is not seen
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const hidden = [];
    for (let node = target; node; node = node.parentElement) {
      if (node.matches('.nbapp-tab[hidden], details:not([open])')) {
        hidden.push(node);
      }
    }
    for (const door of hidden) {
      door.matches('details') ? (door.open = true) : choose(door.parentElement, door.dataset.nbappTitle, false);
      seen(door);
    }
    if (hidden.length) {
      target.scrollIntoView();
    }
  };
  window.addEventListener('hashchange', reveal);

  // --- the sidebar: on a phone shut at first, above the page and beside nothing
  const phone = window.matchMedia('(max-width: 48rem)');
  const button = () => document.querySelector('.nbapp-side-button');
  const open = isOpen => {
    button().setAttribute('aria-expanded', String(isOpen));
    main().classList.toggle('nbapp-shut', !isOpen);
  };
  let known = null; // the button that is listened to
  const sided = () => {
    main().classList.toggle('nbapp-sided', Boolean(button()));
    if (!button() || known === button()) {
      return;
    }
    known = button();
    const wanted = known.getAttribute('aria-expanded') === 'true';
    open(wanted && !phone.matches);
    phone.addEventListener('change', () => button() && open(wanted && !phone.matches));
    known.addEventListener('click', () => {
      open(main().matches('.nbapp-shut'));
      seen(main());
    });
    known.parentElement.addEventListener('keydown', event => {
      if (event.key === 'Escape' && phone.matches && !event.defaultPrevented) {
        open(false);
        known.focus();
      }
    });
  };

  // --- what is out of sight says on its door that something in it failed, or is being made
  const doors = () => [
    ...[...document.querySelectorAll('.nbapp-tab[hidden]')].map(panel => [document.querySelector(`[aria-controls="${panel.id}"]`), panel]),
    ...[...document.querySelectorAll('main details:not([open])')].map(fold => [fold.querySelector('summary'), fold]),
    ...[...document.querySelectorAll('.nbapp-shut > .nbapp-side')].map(side => [side.querySelector('button'), side])
  ];
  const DOORS = '.nbapp-tab-bar > button, main summary, .nbapp-side-button';
  const mark = () => {
    const shut = new Map(doors());
    for (const door of document.querySelectorAll(DOORS)) {
      const failed = shut.get(door)?.querySelector(FAILED);
      door.classList.toggle('nbapp-has-failed', Boolean(failed));
      door.classList.toggle('nbapp-has-working', Boolean(shut.get(door)?.querySelector(WORKING)));
      failed ? door.setAttribute('aria-description', 'could not be computed') : door.removeAttribute('aria-description');
    }
  };

  // --- numbers stand under each other, texts begin under each other
  const NUMBER = /^\s*[-+−]?[\d.,'\s]*\d[\d.,'\s]*(e[-+]?\d+)?\s*([%€$£]|\p{L}{1,3})?\s*$/iu;
  const NOTHING = /^\s*(nan|nat|none|<na>|null|inf|-inf|-|–|…|\.\.\.|)\s*$/i;
  const LONGEST = 2000; // rows
  const align = scope => {
    for (const table of scope.querySelectorAll('.jp-RenderedHTMLCommon table:not(.nbapp-aligned)')) {
      table.classList.add('nbapp-aligned');
      const rows = [...table.rows].slice(0, LONGEST);
      const isText = [];
      const columns = rows.map(row => {
        let at = row.cells.length && row.cells[0].rowSpan === 1 ? Math.max(0, (rows[0]?.cells.length ?? 0) - row.cells.length) : 0;
        return [...row.cells].map(cell => [cell, (at += cell.colSpan) - cell.colSpan]);
      });
      rows.forEach((row, number) => {
        for (const [cell, column] of row.parentElement.tagName === 'TBODY' ? columns[number] : []) {
          isText[column] ||= !(NUMBER.test(cell.textContent) || NOTHING.test(cell.textContent));
        }
      });
      columns.flat().forEach(([cell, column]) => cell.classList.toggle('nbapp-text', Boolean(isText[column])));
    }
  };
  window.nbapp.align = align;

  // --- on paper everything is seen
  let folded = [];
  window.addEventListener('beforeprint', () => {
    folded = [...document.querySelectorAll('main details:not([open])')];
    folded.forEach(fold => (fold.open = true));
  });
  window.addEventListener('afterprint', () => folded.forEach(fold => (fold.open = false)));

  let waiting = 0;
  const changed = () => {
    waiting ||= requestAnimationFrame(() => {
      waiting = 0;
      mark();
    });
  };
  let isWatched = false;
  window.nbapp.arrange = () => { // when the cells are there, and again when others are
    document.querySelectorAll('.nbapp-tabs').forEach(tabbed);
    sided();
    align(document);
    if (!isWatched) {
      reveal();
      isWatched = true;
      main().addEventListener('toggle', event => event.target.matches('details') && (seen(event.target), changed()), { capture: true });
      new MutationObserver(changes => {
        if (changes.some(({ addedNodes }) => addedNodes.length)) {
          align(main());
        }
        changed();
      }).observe(main(), { childList: true, subtree: true, attributes: true, attributeFilter: ['class', 'hidden'] });
    }
    changed();
  };
  window.nbapp.seen = seen;
})();
