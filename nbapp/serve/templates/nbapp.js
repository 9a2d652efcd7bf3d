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

  // --- loading: what Voila's script and its stream of cells call
  window.voila_heartbeat = () => {};
  window.voila_process = () => {};
  window.voila_finish = () => {
    if (!window.themeLoaded) {
      window.cellLoaded = true;
      return;
    }
    const cells = byId('rendered_cells');
    cells.style.display = '';
    const latest = performance.now() + 2000;
    const lift = () => {
      if (!isWhole(cells) && performance.now() < latest) {
        requestAnimationFrame(lift);
        return;
      }
      cells.classList.remove('nbapp-veiled');
      byId('loading')?.remove();
    };
    lift();
  };
  // Controls must not move under a finger while formulas and views above them are still being put in.
  const isWhole = cells => {
    const views = [...cells.querySelectorAll('.jp-Cell-outputArea')];
    const texts = [...cells.querySelectorAll('.jp-MarkdownOutput')];
    return (
      views.every(view => view.querySelector('.nbapp-cell, .nbapp-error')) &&
      !texts.some(text => /\$[^$]+\$|\\\(|\\\[/.test(text.textContent) && !text.querySelector('mjx-container'))
    );
  };

  // --- the kernel
  const config = () => JSON.parse(byId('jupyter-config-data').textContent);
  const follow = async () => {
    const text = byId('nbapp-loading-text');
    if (!text?.isConnected) {
      return;
    }
    if (byId('jupyter-config-data')) {
      const { baseUrl, kernelId } = config();
      const answer = await fetch(`${baseUrl}nbapp/progress/${kernelId}`).catch(() => null);
      const now = answer?.ok ? await answer.json() : null;
      if (now) {
        text.textContent = `is starting: cell ${now.cell} of ${now.of}`;
      }
    }
    setTimeout(follow, 500);
  };
  setTimeout(follow, 500);
  const app = new Promise(resolve => {
    const look = () => (window.jupyterapp ? resolve(window.jupyterapp) : setTimeout(look, 20));
    window.addEventListener('load', look);
  });
  const model = (manager, id) =>
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
    const cookie = document.cookie.match(/\b_xsrf=([^;]*)/);
    const headers = { 'X-XSRFToken': cookie ? cookie[1] : '' };
    const answer = await fetch(`${baseUrl}nbapp/stop/${kernelId}`, { method: 'POST', headers }).catch(() => null);
    if (!answer?.ok) {
      offerStop();
    }
  });

  // --- a kernel that is gone
  const notice = (text, reload) => {
    const box = byId('nbapp-notice');
    byId('nbapp-busy').classList.toggle('nbapp-off', reload);
    box.textContent = text;
    if (text && reload) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Reload';
      button.addEventListener('click', () => window.location.reload());
      box.append(' ', button);
    }
    box.classList.toggle('nbapp-on', Boolean(text));
  };
  const watch = kernel => {
    let ended = false;
    kernel.statusChanged.connect((_, status) => {
      if (['autorestarting', 'restarting', 'dead'].includes(status)) {
        ended = true;
        notice('This app has stopped.', true);
      }
    });
    kernel.connectionStatusChanged.connect((_, status) => {
      if (ended) {
        return;
      }
      if (status === 'disconnected') {
        ended = true;
        notice('The connection to this app is lost.', true);
      } else {
        notice(status === 'connecting' ? 'The connection is lost. Trying again…' : '', false);
      }
    });
  };

  app.then(async ({ widgetManagerPromise }) => {
    const manager = await widgetManagerPromise.promise;
    watch(manager.kernel);
    const mark = await model(manager, 'nbapp-busy');
    mark.on('change:value', () => showBusy(mark.get('value')));
    showBusy(mark.get('value'));
  });
})();
