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
  const ask = (url, method = 'GET') => {
    const cookie = document.cookie.match(/\b_xsrf=([^;]*)/);
    return fetch(url, { method, headers: { 'X-XSRFToken': cookie ? cookie[1] : '' } }).catch(() => null);
  };

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
  const showBusy = text => {
    const now = text ? JSON.parse(text) : null;
    byId('nbapp-busy').classList.toggle('nbapp-on', Boolean(now));
    if (now) {
      byId('nbapp-busy-text').textContent = `Cell ${now.cell} of ${now.of}`;
    }
    if (Boolean(now) !== working) {
      working = Boolean(now);
      offerStop();
      say(working ? `Computing cell ${now.cell} of ${now.of}` : 'Up to date');
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
  };
  // What became of the link that this page was opened by says more than that the connection is lost.
  const endings = { expired: 'This link has expired: the app has stopped.', revoked: 'This link was taken back: the app has stopped.' };
  let ended = false;
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
      byId('rendered_cells').inert = true;
      notice(text);
    }
  };
  const gone = text => {
    byId('nbapp-busy').classList.add('nbapp-off');
    notice(text, 'Reload', () => window.location.reload());
  };
  // Whether the kernel is there, is gone or not for this page any more, or nobody answers who knows: a proxy may answer
  // in the place of a server that it does not reach.
  const isThere = async () => {
    const { baseUrl, kernelId } = config();
    const answer = await ask(`${baseUrl}nbapp/progress/${kernelId}`);
    if (!answer?.headers.has('X-Nbapp') || answer.status >= 500) {
      return null;
    }
    return answer.ok && !(await answer.json().catch(() => ({ gone: true })))?.gone;
  };
  const watch = kernel => {
    let looking = 0;
    let answers = 0;
    const end = text => {
      ended = true;
      gone(text);
      askLink();
    };
    const look = async () => {
      const there = await isThere();
      if (ended || kernel.connectionStatus !== 'connecting') {
        return;
      }
      if (there === false) {
        end('This app has stopped.');
        return;
      }
      answers += there ? 1 : 0;
      if (there && answers <= 3) {
        kernel.reconnect().catch(() => {}); // of itself it would wait up to half a minute
      } else if (answers >= 8) {
        gone('This page gets no connection to its app: what lies between may let no websockets through.');
      }
      looking = setTimeout(look, 1000);
    };
    const lost = () => {
      notice('The connection is lost. Trying again…');
      askLink();
      clearTimeout(looking);
      looking = setTimeout(look, 1000);
    };
    kernel.statusChanged.connect((_, status) => {
      if (!ended && ['autorestarting', 'restarting', 'dead'].includes(status)) {
        end('This app has stopped.');
      }
    });
    kernel.connectionStatusChanged.connect((_, status) => {
      if (ended) {
        return;
      }
      if (status === 'disconnected') {
        end('The connection to this app is lost.');
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
  window.nbapp = { manager: widgets, notice: text => notice(text, 'OK', () => notice('')), ask, askLink, config, model };

  // --- what the visitor of a link should know: the app has changed, a value does not fit any more
  document.addEventListener('DOMContentLoaded', () => {
    const told = byId('nbapp-told');
    told.querySelector('button').addEventListener('click', () => told.remove());
    widgets.then(async manager => {
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
