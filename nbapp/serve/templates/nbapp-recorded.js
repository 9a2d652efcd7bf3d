/* The page until its cells have their views: what they showed before or show so far, and how far the first run is. */
(() => {
  'use strict';
  const byId = id => document.getElementById(id);
  const { ask, askLink, config } = window.nbapp;

  // --- what a cell shows. No script of it runs here, and nothing of it loads a page: the view does that.
  const REMOVED = 'script, object, embed, link, meta, base, dialog, template';
  const cleaned = markup => {
    const parsed = new DOMParser().parseFromString(markup, 'text/html');
    parsed.querySelectorAll(REMOVED).forEach(element => element.remove());
    parsed.querySelectorAll('iframe').forEach(frame => {
      const room = parsed.createElement('div');
      room.style.cssText = frame.style.cssText;
      for (const name of ['width', 'height']) {
        const value = frame.getAttribute(name);
        if (value) {
          room.style[name] = /^\d+$/.test(value) ? `${value}px` : value;
        }
      }
      frame.replaceWith(room);
    });
    parsed.querySelectorAll('*').forEach(element => {
      for (const { name, value } of [...element.attributes]) {
        if (/^on|^autoplay$|^autofocus$/i.test(name) || /^\s*javascript:/i.test(value)) {
          element.removeAttribute(name);
        }
      }
    });
    window.nbapp.align?.(parsed);
    return [...parsed.head.childNodes, ...parsed.body.childNodes];
  };
  // It stands apart from the page: no script, style or id of an output, and nobody who looks for a widget, meets it.
  const roots = new WeakMap();
  const apart = place => {
    const root = place.attachShadow({ mode: 'closed' });
    const page = document.createElement('div');
    page.className = 'nbapp';
    const inner = document.createElement('div');
    inner.className = 'nbapp-recorded';
    page.append(inner);
    root.append(page);
    root.adoptedStyleSheets = styles;
    roots.set(place, inner);
    return inner;
  };
  // The page's own styles; that of all texts is big, and comes last.
  const styles = ['', ''].map(() => new CSSStyleSheet());
  styles[1].replaceSync(byId('nbapp-styles').textContent);
  const adoptBase = () => {
    if (styles[0].cssRules.length === 0) {
      styles[0].replaceSync([...byId('nbapp-base').sheet.cssRules].map(rule => rule.cssText).join('\n'));
    }
  };
  window.nbapp.show = (id, markup) => {
    const place = document.querySelector(`.nbapp-recorded[data-cell="${CSS.escape(id)}"]`);
    if (place) {
      (roots.get(place) ?? apart(place)).replaceChildren(...cleaned(markup));
      place.classList.toggle('nbapp-shown', markup !== '');
      revealed();
    }
  };
  window.nbapp.recorded = () => // for tests and measurements: the text that is seen
    [...document.querySelectorAll('.nbapp-shown')]
      .filter(place => place.checkVisibility({ visibilityProperty: true }))
      .map(place => roots.get(place).innerText);

  // --- what is seen first: the texts and what is recorded, once the styles are there
  const cells = () => byId('rendered_cells');
  const isStyled = () => byId('nbapp-base').media === 'all';
  const hasSomething = () => cells().querySelector('.jp-MarkdownCell, .jp-InputArea-editor, .nbapp-shown, .nbapp-cell:not(:empty)');
  let isRead = false; // the whole page
  let read;
  const pageIsRead = new Promise(resolve => (read = resolve));
  const revealed = () => {
    if (!isRead || !isStyled() || !hasSomething() || !byId('loading') || byId('loading').matches('.nbapp-aside')) {
      return;
    }
    adoptBase();
    cells().classList.remove('nbapp-veiled');
    const aside = byId('loading').cloneNode(true); // another one, beside the page: nothing has moved
    aside.classList.add('nbapp-aside');
    byId('loading').replaceWith(aside);
    hideFormulas();
  };
  // A formula is not shown as its author typed it, except where what sets it is long in coming.
  const UNSET = 3000; // milliseconds
  const hideFormulas = () => {
    const texts = [...document.querySelectorAll('main .jp-MarkdownOutput :is(p, li, td, h1, h2, h3, h4, h5, h6)')];
    const formulas = texts.filter(text => /\$[^$]+\$|\\\(|\\\[/.test(text.textContent));
    formulas.forEach(text => text.classList.add('nbapp-unset'));
    setTimeout(() => formulas.forEach(text => text.classList.remove('nbapp-unset')), UNSET);
  };
  window.voila_heartbeat = () => {};
  window.voila_process = () => {};
  window.voila_finish = () => { // at the end of the page, and again when Voila's script has its theme
    if (!isRead) {
      isRead = true;
      read();
      cells().style.display = '';
      byId('nbapp-base').addEventListener('load', revealed);
      revealed();
    }
  };

  // --- how far the first run is
  const starting = at => {
    const text = at ? `cell ${at.cell} of ${at.of}` : '';
    byId('nbapp-loading-text').textContent = isBack ? 'is coming back…' : text ? `is starting: ${text}` : 'is starting…';
    document.querySelectorAll('.nbapp-first-run').forEach(place => place.classList.remove('nbapp-first-run'));
    document.querySelector(`main [data-nbapp-number="${at?.cell}"] .nbapp-recorded`)?.classList.add('nbapp-first-run');
  };
  const isOver = () => {
    starting(null);
    byId('loading').remove();
    cells().style.display = '';
    cells().classList.remove('nbapp-veiled');
  };
  const NO_START = {
    memory: 'This app could not start: it needs more memory than it may use. Ask the author, who can allow more (--memory-limit).'
  };
  const GO_ON = ['age', 'idle', 'left']; // ends after which the page goes on when its visitor asks for it
  const failed = why => {
    isOver();
    document.querySelectorAll('.nbapp-recorded').forEach(place => place.remove());
    document.querySelector('main').removeAttribute('aria-busy');
    const line = document.createElement('p');
    line.className = 'nbapp-error';
    line.setAttribute('role', 'alert');
    line.textContent = NO_START[why] ?? 'This app could not start. Reload the page to try again, or ask the author.';
    document.querySelector('.nbapp-body > :has(.jp-CodeCell), main:not(.nbapp-sided) > :has(.jp-CodeCell)')?.before(line);
  };
  // A page that comes back may find its kernel in the middle of a cell, which can be stopped.
  const isBack = Number(document.body.dataset.nbappPages) > 1 || document.body.dataset.nbappBefore !== '';
  const LATE = 1000; // milliseconds
  const offerStop = () => {
    byId('nbapp-busy-text').textContent = 'Computing';
    byId('nbapp-busy').classList.add('nbapp-on');
  };
  const late = isBack ? setTimeout(offerStop, LATE) : 0;
  const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
  const firstRun = (async () => {
    await pageIsRead;
    const { baseUrl, kernelId } = config();
    for (let since = 0; ; ) {
      const answer = await ask(`${baseUrl}nbapp/progress/${kernelId}?since=${since}`);
      const news = answer?.ok ? await answer.json().catch(() => null) : null;
      if (news?.gone || news?.state === 'failed') {
        if (isBack && news.why !== 'link') {
          window.nbapp.ends(news.why ?? 'died');
        } else if (GO_ON.includes(news.why)) {
          isOver();
          window.nbapp.ends(news.why);
        } else {
          failed(news.why);
          askLink();
        }
        return new Promise(() => {}); // nothing can be connected to
      }
      if (!news) {
        if (answer?.status === 403) {
          askLink();
        }
        await pause(1000);
        continue;
      }
      since = news.number;
      Object.entries(news.shown).forEach(([id, markup]) => window.nbapp.show(id, markup));
      if (news.state === 'whole') {
        return undefined;
      }
      starting(news.at);
    }
  })();

  window.nbapp.firstRun = firstRun;

  // --- cell by cell the views take over, each as soon as all of it is there. It keeps the size of what it replaces until
  // it has its own: a library draws, and a picture is decoded, after that.
  const LONGEST = 1500; // milliseconds
  const isWhole = view =>
    (view.childElementCount || view.classList.contains('nbapp-error')) &&
    !view.querySelector('.lm-Widget[class="lm-Widget"]') && // what stands in a box for a view that is being made
    [...view.querySelectorAll('.nbapp-item')].every(item => item.querySelector('.jp-OutputArea-output'));
  const takeOver = place => {
    const area = place.parentElement.querySelector('.jp-OutputArea');
    area.style.minHeight = `${place.offsetHeight}px`;
    setTimeout(() => (area.style.minHeight = ''), LONGEST);
    place.remove();
  };
  const isDone = () => {
    if (!document.querySelector('.nbapp-recorded')) {
      document.querySelector('main').removeAttribute('aria-busy');
    }
  };
  const follow = place => {
    const area = place.parentElement;
    let latest = 0;
    const end = () => {
      watching.disconnect();
      clearTimeout(latest);
      takeOver(place);
      isDone();
    };
    const look = () => {
      const view = area.querySelector('.nbapp-cell, .jp-OutputArea > .nbapp-error');
      if (view && (isWhole(view) || !place.matches('.nbapp-shown'))) {
        end();
      } else if (view && !latest) {
        latest = setTimeout(end, LONGEST);
      }
    };
    const watching = new MutationObserver(look); // at once: nothing is there twice for who looks
    watching.observe(area, { attributeFilter: ['class'], childList: true, subtree: true });
    look();
  };
  firstRun.then(() => {
    clearTimeout(late);
    window.nbapp.manager.then(() => {
      isOver();
      document.querySelectorAll('.nbapp-recorded').forEach(follow);
      isDone();
    });
  });
})();
