/* The page of an app: its theme, its loading state, the busy mark with Stop, and word of a lost kernel. */
(() => {
  'use strict';
  const byId = id => document.getElementById(id);

  // --- a token in the address has done its work: it goes into no bookmark and no screenshot
  const address = new URL(window.location.href);
  if (address.searchParams.has('token')) {
    address.searchParams.delete('token');
    window.history.replaceState(null, '', address);
  }

  // --- theme: the style sheets follow the browser by themselves, Jupyter's attributes do not
  if (document.body.dataset.nbappTheme === 'auto') {
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    const adopt = () => {
      document.body.dataset.jpThemeLight = String(!dark.matches);
      document.body.dataset.jpThemeName = dark.matches ? 'JupyterLab Dark' : 'JupyterLab Light';
    };
    dark.addEventListener('change', adopt);
    adopt();
  }

  // --- what the server is asked: on a JupyterHub a cookie counts only beside this header
  const headers = () => ({ 'X-XSRFToken': document.cookie.match(/\b_xsrf=([^;]*)/)?.[1] ?? '' });
  const ask = (url, method = 'GET', body = undefined) =>
    fetch(url, { method, body, headers: headers() }).catch(() => null);

  // --- the kernel
  const config = () => JSON.parse(byId('jupyter-config-data').textContent);
  const app = new Promise(resolve => {
    const look = () => (window.jupyterapp ? resolve(window.jupyterapp) : setTimeout(look, 20));
    window.addEventListener('load', look);
  });
  const model = (manager, id) => // also one that is not there yet
    manager.has_model(id)
      ? manager.get_model(id)
      : new Promise(resolve => {
          const registered = (_, name) => {
            if (name === id) {
              manager.modelRegistered.disconnect(registered);
              resolve(manager.get_model(id));
            }
          };
          manager.modelRegistered.connect(registered);
        });
  const say = text => {
    byId('nbapp-said').textContent = text;
  };

  // --- busy
  const stop = byId('nbapp-stop');
  let working = false;
  const offerStop = () => {
    stop.disabled = false;
    stop.textContent = 'Stop';
  };
  // Stop is there for a moment only: what had the focus before has it again, or a keyboard would be at no place.
  let before = null;
  stop.addEventListener('focus', ({ relatedTarget }) => (before = relatedTarget ?? before));
  stop.addEventListener('blur', ({ relatedTarget }) => (before = relatedTarget ? null : before)); // it went on by itself
  const giveBack = () => {
    if ([stop, document.body].includes(document.activeElement) && before?.isConnected) {
      before.focus({ preventScroll: true });
    }
    before = null;
  };
  const FAILED = 'main :is(.nbapp-error, .nbapp-stale, [data-mime-type="application/vnd.jupyter.error"])';
  const DRAWN = 300; // milliseconds, within which what the last cell shows is in the page
  let telling = 0;
  const tellOutcome = () => say(document.querySelector(FAILED) ? 'Done. Not everything could be computed' : 'Up to date');
  const LONG = 5; // seconds, from which on it is told how long a cell takes
  let since = null; // which cell, and when it began
  const tellTime = () => {
    const seconds = Math.floor((performance.now() - since.at) / 1000);
    const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    byId('nbapp-busy-text').textContent = `Cell ${since.cell} of ${since.of}` + (seconds < LONG ? '' : ` · ${time}`);
  };
  const tellBusy = now => {
    clearInterval(since?.tick);
    since = now && { ...now, at: performance.now(), tick: setInterval(tellTime, 1000) };
    if (now) {
      tellTime();
    }
  };
  const PLACE = 'main > *, [data-nbapp-region] > *';
  const markReached = () => {
    document.querySelectorAll('.nbapp-reached').forEach(place => place.classList.remove('nbapp-reached'));
    let place = document.querySelector('.nbapp-under-way')?.closest(PLACE);
    while (place) {
      place.classList.add('nbapp-reached');
      place = place.parentElement.closest(PLACE);
    }
  };
  const showBusy = text => {
    markReached();
    const now = text ? JSON.parse(text) : null;
    byId('nbapp-busy').classList.toggle('nbapp-on', Boolean(now));
    tellBusy(now);
    if (Boolean(now) !== working) {
      working = Boolean(now);
      offerStop();
      clearTimeout(telling);
      if (working) {
        say(`Computing cell ${now.cell} of ${now.of}`);
      } else {
        telling = setTimeout(tellOutcome, DRAWN);
        giveBack();
      }
    }
  };
  stop.addEventListener('click', async () => {
    stop.disabled = true;
    stop.textContent = 'Stopping…';
    const { baseUrl, kernelId } = config();
    const answer = await ask(`${baseUrl}nbapp/stop/${kernelId}`, 'POST');
    if (!answer?.ok) {
      offerStop();
    }
  });

  // --- notices: of a kernel that is gone, and of what a visitor asked for in vain
  let ended = false;
  const notice = (text, label, act) => {
    const box = byId('nbapp-notice');
    box.textContent = text;
    if (label) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = label;
      button.addEventListener('click', act);
      box.append(' ', button);
    }
    box.classList.toggle('nbapp-on', Boolean(text));
    // One that waits for somebody, or for good, stands above the page; one that goes by itself lies below, and moves nothing.
    box.classList.toggle('nbapp-passing', !label && !ended);
    document.body.style.setProperty('--nbapp-notice', label || ended ? `${box.offsetHeight}px` : '0px');
  };
  // Controls that lead nowhere any more look like that. What was shown can be read, and leafed through.
  const SHOWN = '.widget-html, .widget-label, .widget-image, .widget-output, .widget-box, :has(.jupyter-widgets)';
  const CONTROLS = ':is(.jupyter-widgets, .widget-inline-hbox, .widget-radio, .widget-toggle-buttons)'; // some lack the first
  const disable = () => {
    document.querySelectorAll(`main ${CONTROLS}:not(${SHOWN})`).forEach(control => (control.inert = true));
  };
  // What became of the link that this page was opened by says more than that the connection is lost.
  const endings = { expired: 'This link has expired: the app has stopped.', revoked: 'This link was taken back: the app has stopped.' };
  const STOPPING = 'This app is being stopped or started anew. If it comes back, so does this page.';
  const askLink = async () => {
    const name = document.body.dataset.nbappLink;
    if (!name) {
      return;
    }
    const address = `${config().baseUrl}nbapp/link?link=${encodeURIComponent(name)}`;
    const answer = await ask(address);
    const text = answer?.ok ? endings[(await answer.json()).state] : null;
    if (text) {
      ended = true;
      byId('nbapp-busy').classList.add('nbapp-off');
      byId('nbapp-told')?.remove();
      disable();
      notice(text);
    }
  };
  const gone = (text, label = 'Reload') => {
    byId('nbapp-busy').classList.add('nbapp-off');
    if (ended) {
      disable();
    }
    notice(text, label, () => window.location.reload());
  };
  // What is known of a kernel: { gone, why }; null: nobody answers who knows. A proxy may answer in the place of a
  // server that it does not reach.
  const found = async () => {
    const { baseUrl, kernelId } = config();
    const answer = await ask(`${baseUrl}nbapp/progress/${kernelId}`);
    if (!answer?.headers.has('X-Nbapp') || answer.status >= 500) {
      return null;
    }
    return answer.ok ? answer.json().catch(() => ({ gone: true })) : { gone: true };
  };
  // --- an app that has ended. What ended by itself is started again at once, unless that has just been done.
  const BY_ITSELF = ['died', 'memory', 'unread', 'restart'];
  const GO_ON = {
    idle: 'This app has stopped because nobody used it for a while.',
    age: 'This app has stopped because it was open for as long as it may be.',
    left: 'This app has stopped while the page was away.'
  };
  const SINCE = 20_000; // milliseconds
  const { store } = window.nbappVisit;
  const restart = text => {
    store.set('restarted', String(Date.now()));
    byId('nbapp-busy').classList.add('nbapp-off');
    notice(text);
    window.location.reload();
  };
  const ends = why => {
    if (BY_ITSELF.includes(why) && Date.now() - Number(store.get('restarted')) > SINCE) {
      restart('This app has stopped. It starts again with your values…');
    } else if (BY_ITSELF.includes(why)) {
      const more = why === 'memory' ? ' It needs more memory than it may use: choose less, or ask the author.' : '';
      gone(`This app has stopped again.${more}`, 'Start again');
    } else if (GO_ON[why]) {
      gone(GO_ON[why], 'Go on');
    } else {
      gone('This app has stopped.');
    }
  };
  const watch = kernel => {
    let looking = 0;
    let answers = 0;
    let isStopping = false;
    const end = why => {
      ended = true;
      if (document.body.dataset.nbappLink && why === 'link') {
        gone('This app has stopped.');
        askLink();
      } else if (isStopping && !why) { // as it was promised; whoever has to show a token again is asked for it
        restart('This app was started anew…');
      } else {
        ends(why);
        askLink();
      }
    };
    const look = async () => {
      const news = await found();
      if (ended || kernel.connectionStatus !== 'connecting') {
        return;
      }
      if (news?.gone) {
        end(news.why);
        return;
      }
      answers += news ? 1 : 0;
      if (news && answers <= 3) {
        kernel.reconnect().catch(() => {}); // of itself it would wait up to half a minute
      } else if (answers >= 8) {
        gone('This page gets no connection to its app: what lies between may let no websockets through.');
      }
      looking = setTimeout(look, 1000);
    };
    const lost = () => {
      notice(isStopping ? STOPPING : 'The connection is lost. Trying again…');
      askLink();
      clearTimeout(looking);
      looking = setTimeout(look, 1000);
    };
    kernel.statusChanged.connect(async (_, status) => {
      if (status === 'starting') { // the server's word (kernels.py, ENDING)
        isStopping = true;
        notice(STOPPING);
      } else if (!ended && ['autorestarting', 'restarting', 'dead'].includes(status)) {
        ended = true;
        end((await found())?.why ?? 'died');
      }
    });
    kernel.connectionStatusChanged.connect((_, status) => {
      if (ended) {
        return;
      }
      if (status === 'disconnected') {
        ended = true;
        gone('The connection to this app is lost.');
        askLink();
      } else if (status === 'connecting') {
        lost();
      } else {
        answers = 0;
        byId('nbapp-busy').classList.remove('nbapp-off');
        notice('');
      }
    });
    looking = setTimeout(look, 3000); // a first connection may never come
  };

  const widgets = app.then(({ widgetManagerPromise }) => widgetManagerPromise.promise);
  const inform = text => notice(text, 'OK', () => notice(''));
  const atFirst = []; // called with the manager before anything is shown (nbapp-extensions.js)
  window.nbapp = { atFirst, manager: widgets, notice: inform, ask, askLink, config, ends, headers, model };

  // --- what the visitor of a link should know: the app has changed, a value does not fit any more
  document.addEventListener('DOMContentLoaded', () => {
    const told = byId('nbapp-told');
    told.querySelector('button').addEventListener('click', () => {
      told.remove();
      store.set('told', config().kernelId);
    });
    widgets.then(async manager => {
      if (store.get('told') === config().kernelId) {
        return; // before the page was loaded again
      }
      const sentences = document.createElement('span');
      sentences.textContent = (await model(manager, 'nbapp-told')).get('value');
      told.querySelector('p').append(sentences);
      told.hidden = false;
    });
  });

  widgets.then(async manager => {
    watch(manager.kernel);
    const mark = await model(manager, 'nbapp-busy');
    mark.on('change:value', () => showBusy(mark.get('value')));
    showBusy(mark.get('value'));
  });
})();
