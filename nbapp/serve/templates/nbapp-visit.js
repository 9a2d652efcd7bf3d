/* One visit over reloads: a tab finds the kernel again that it had, and a page that is closed may come back to its own.

   The tab keeps its kernel's id. As it leaves the page it puts that into a cookie, so that the next request of the page
   tells it; a tab that was never there gets a kernel of its own. The server hands a kernel to its own browser only. */
(() => {
  'use strict';
  const { nbappKernel: kernelId, nbappBefore: before, nbappPages: pages, nbappKeep: keep, baseUrl } = document.body.dataset;
  const base = baseUrl.replace(/voila\/$/, '');
  const cookie = name => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? '';
  const say = id => {
    document.cookie = `nbapp-back=${id}; path=${base}; max-age=${id ? Math.max(10, Number(keep)) : 0}; samesite=lax`;
  };
  const query = () => {
    const asked = new URLSearchParams(window.location.search);
    asked.delete('token');
    return String(asked);
  };
  let key = query();
  const got = name => { // of this tab; a browser may forbid it
    try {
      return window.sessionStorage.getItem(`nbapp ${window.location.pathname}?${name}`) ?? '';
    } catch {
      return '';
    }
  };
  const put = (name, value) => {
    try {
      window.sessionStorage.setItem(`nbapp ${window.location.pathname}?${name}`, value);
    } catch {
      // then a reload starts afresh
    }
  };
  const store = { get: name => got(`${key} ${name}`), set: (name, value) => put(`${key} ${name}`, value) };
  // Whether the next load is at another address is known by the one that this page was left at. While that load is under
  // way, scripts go on here, and the address that they write is not the one that is loaded.
  let isLeft = false;
  const leave = () => {
    isLeft = true;
    put('# last', `?${key}`);
  };
  // The address is another one now, of the same visit.
  const moved = () => {
    const kept = ['kernel', 'restarted', 'told'].map(name => [name, store.get(name)]);
    key = query();
    kept.filter(([, value]) => value).forEach(([name, value]) => store.set(name, value));
    if (!isLeft) {
      put('# last', `?${key}`);
    }
  };
  const isElsewhere = got('# last') !== '' && got('# last') !== `?${key}`;
  let isLeaving = false;
  const again = id => { // with another kernel than the page was written for
    isLeaving = true;
    say(id);
    window.location.reload();
  };
  const own = () => {
    store.set('tries', '');
    store.set('kernel', kernelId);
    put('# kernel', kernelId);
    say('');
  };
  const close = () => {
    const form = new FormData();
    form.append('_xsrf', cookie('_xsrf'));
    form.append('pages', pages);
    navigator.sendBeacon(`${base}voila/api/shutdown/${kernelId}`, form);
  };

  // --- whose kernel this is. A frame in a page shares its tab with others: it starts afresh each time.
  const isFrame = window.top !== window;
  // At another address it is this tab's as well, if the server takes it for the same one (other values of controls).
  const mine = store.get('kernel') || (got('# kernel') === before ? before : '');
  const settle = async () => {
    const tries = Number(store.get('tries'));
    if (isFrame || tries > 2 || mine === before || mine === kernelId || cookie('nbapp-back') === mine) {
      own(); // also when the server knew what this tab had, and would not go on with it
      return;
    }
    store.set('tries', String(tries + 1));
    if (before) { // it is another tab's
      again(mine);
      return;
    }
    const answer = await fetch(`${base}nbapp/progress/${mine}?looks=1`, { cache: 'no-store' }).catch(() => null);
    const found = answer?.ok ? await answer.json().catch(() => null) : null;
    if (found && (found.gone ? found.why && found.why !== 'link' : !found.open)) {
      close();
      again(mine);
    } else {
      own(); // as the copy of a tab whose page is open
    }
  };
  settle();

  // --- it is closed or loaded again. Voila's script would end the kernel as soon as a page might be left.
  const add = window.addEventListener;
  window.addEventListener = function (type, listener, ...rest) {
    if (type !== 'beforeunload' || !String(listener).includes('voila/api/shutdown')) {
      add.call(this, type, listener, ...rest);
    }
  };
  window.addEventListener('beforeunload', () => {
    leave();
    if (!isLeaving && !isFrame) {
      say(kernelId);
    }
  });
  window.addEventListener('pagehide', event => {
    if (!isLeaving && !event.persisted) {
      close();
    }
  });
  const isBack = Number(pages) > 1 || before !== '';
  window.nbappVisit = { base, store, moved, isBack, isElsewhere };
})();
