/* Widgets and scripts of libraries on the page: views leave with their boxes, scripts find what they fill, what is
   uploaded fits and may be dropped. */
(() => {
  'use strict';

  // --- A view that its box gives up leaves the page, also if its library forgets to call what takes it away.
  const leaves = view => {
    const remove = view.remove;
    view.remove = function (...rest) {
      const widget = this.luminoWidget;
      const result = remove.apply(this, rest);
      if (widget && !widget.isDisposed) {
        widget.dispose();
      }
      this.el?.remove();
      return result;
    };
  };

  // --- anywidget gives the code of a model two seconds to load, and drops for good what the kernel says to one that
  // took longer, though it is drawn. A large library on a busy page needs more. Not for ever: messages behind it wait.
  const timeout = AbortSignal.timeout;
  AbortSignal.timeout = function (milliseconds) {
    const asks = new Error().stack ?? '';
    return timeout.call(AbortSignal, asks.includes('/labextensions/anywidget/') ? 30_000 : milliseconds);
  };

  // --- Who shows a model may ask for it before it is there. The manager looks for it ten times a second, for two seconds,
  // and then does not look again: where the page was busy meanwhile, as it is while it makes many, it may be there.
  const PATIENCE = 2000; // milliseconds
  const registered = (manager, id) =>
    new Promise(resolve => {
      const done = () => {
        manager.modelRegistered.disconnect(look);
        clearTimeout(latest);
        resolve();
      };
      const look = (_, name) => name === id && done();
      const latest = setTimeout(done, PATIENCE);
      manager.modelRegistered.connect(look);
    });
  window.nbapp.atFirst.push(manager => {
    const get = manager.get_model;
    manager.get_model = async function (id) {
      if (!this.has_model(id)) {
        await registered(this, id);
      }
      if (!this.has_model(id)) {
        throw new Error(`there is no model ${id}`); // until all are there, who shows it asks again then
      }
      return get.call(this, id);
    };
  });

  // --- A model keeps a value to itself until the kernel has taken the one before. A page that is left sends it at once.
  const sends = (model, state) => {
    model._msg_buffer = model._msg_buffer_callbacks = null;
    model.rememberLastUpdateFor(model.send_sync_message(state, model.callbacks()));
  };
  const models = manager => [...(manager._modelsSync?.values() ?? [])];
  window.nbapp.atFirst.push(manager => {
    const leave = () =>
      models(manager)
        .filter(each => each._msg_buffer)
        .forEach(each => sends(each, each._msg_buffer));
    window.addEventListener('beforeunload', leave);
    window.addEventListener('pagehide', leave); // where the other one does not come, as on phones
  });

  // --- What was on its way when the connection was cut may have arrived nowhere: the kernel's state would take the place
  // of what the visitor chose, and the model would wait for an answer that never comes. It is sent again; it waits for the
  // connection, before the question for the states, and before what is chosen meanwhile.
  window.nbapp.manager.then(manager => {
    const again = model => {
      const names = [...model._expectedEchoMsgIds.keys(), ...Object.keys(model._msg_buffer ?? {})];
      model._pending_msgs = 0;
      sends(model, model.serialize(Object.fromEntries(names.map(name => [name, model.get(name)]))));
    };
    manager.kernel.connectionStatusChanged.connect((_, status) => {
      if (status === 'connecting') {
        models(manager)
          .filter(each => each._pending_msgs > 0 && each._expectedEchoMsgIds?.size)
          .forEach(again);
      }
    });
  });

  // --- A script that a cell puts out runs once it is in the page, as in Jupyter: it looks for what it is to fill.
  const oncePlaced = renderer => {
    const { renderModel, onAfterAttach } = renderer;
    renderer.renderModel = function (...about) {
      if (this.isAttached) {
        return renderModel.apply(this, about);
      }
      return new Promise((resolve, reject) => {
        this.onAfterAttach = function (...told) {
          this.onAfterAttach = onAfterAttach;
          onAfterAttach.apply(this, told);
          renderModel.apply(this, about).then(resolve, reject);
        };
      });
    };
    return renderer;
  };
  window.nbapp.atFirst.push(({ rendermime }) => {
    const create = rendermime.createRenderer;
    rendermime.createRenderer = function (kind) {
      const renderer = create.call(this, kind);
      return kind.endsWith('/javascript') ? oncePlaced(renderer) : renderer;
    };
  });

  // --- What does not fit through the connection to the kernel would close it.
  const megabytes = bytes => `${Math.round(bytes / 1e5) / 10} MB`;
  const limit = Number(document.body.dataset.nbappUpload);
  const fits = input => {
    input.addEventListener(
      'change',
      event => {
        const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
        if (bytes > limit) {
          event.stopImmediatePropagation();
          const what = input.files.length > 1 ? `These ${input.files.length} files are` : `${input.files[0].name} is`;
          window.nbapp.notice(`${what} too large: ${megabytes(bytes)}. At most ${megabytes(limit)} can be uploaded.`);
        }
      },
      { capture: true }
    );
  };
  // The button says which files were taken.
  const names = view => {
    const tell = () => {
      const files = [...view.model.get('value')].map(({ name }) => name).filter(Boolean);
      view.el.toggleAttribute('data-nbapp-files', files.length > 0);
      if (files.length) {
        view.el.dataset.nbappFiles = files.join(', ');
      }
    };
    view.listenTo(view.model, 'change:value', tell);
    tell();
  };
  // A file may be dropped on it. What the browser's dialog would not offer is refused, and so is a folder.
  const hasFiles = event => event.dataTransfer?.types.includes('Files');
  const isAccepted = (accept, { name, type }) =>
    accept
      .toLowerCase()
      .split(',')
      .map(each => each.trim())
      .some(each => {
        const isEnding = each.startsWith('.') && name.toLowerCase().endsWith(each);
        return isEnding || each === '' || each === type || (each.endsWith('/*') && type.startsWith(each.slice(0, -1)));
      });
  const refused = (view, items) => {
    const accept = view.model.get('accept');
    if (items.some(item => item.webkitGetAsEntry()?.isDirectory)) {
      return 'A folder cannot be uploaded: drop the files in it.';
    }
    if (items.length > 1 && !view.model.get('multiple')) {
      return 'One file can be uploaded here, and not several.';
    }
    const other = items.map(item => item.getAsFile()).find(file => !isAccepted(accept, file));
    return other ? `${other.name} cannot be uploaded here: ${accept} can.` : '';
  };
  const drops = view => {
    const { el, fileInput } = view;
    const over = event => {
      const takes = hasFiles(event) && !el.disabled && event.type !== 'dragleave';
      el.classList.toggle('nbapp-drop', takes && event.type === 'dragover');
      if (takes) {
        event.preventDefault();
      }
      return takes;
    };
    el.addEventListener('dragover', over);
    el.addEventListener('dragleave', over);
    el.addEventListener('drop', event => {
      if (over(event)) {
        const why = refused(view, [...event.dataTransfer.items].filter(item => item.kind === 'file'));
        if (why) {
          window.nbapp.notice(why);
        } else {
          fileInput.files = event.dataTransfer.files;
          fileInput.dispatchEvent(new Event('change'));
        }
      }
    });
  };
  // One that misses the button would be opened in place of the page, and all that was chosen on it would be gone.
  document.addEventListener('dragover', event => {
    if (hasFiles(event) && !event.defaultPrevented && document.querySelector('.widget-upload')) {
      event.preventDefault();
      event.dataTransfer.dropEffect = 'none';
    }
  });
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const bytes = data?.byteLength ?? data?.size ?? data?.length ?? 0;
    if (bytes > limit + Number(document.body.dataset.nbappSlack)) {
      window.nbapp.notice(`That is too large: ${megabytes(bytes)}. At most ${megabytes(limit)} can be sent.`);
      send.call(this, emptied(new Uint8Array(data)));
      return;
    }
    send.call(this, data);
  };
  // A widget sends nothing more until the kernel has answered its last message: one without any change goes instead.
  // A frame: how many offsets, the offsets, and between them channel, header, parent, metadata, content, buffers.
  const emptied = frame => {
    const numbers = new DataView(frame.buffer);
    const offset = index => Number(numbers.getBigUint64(8 * (index + 1), true));
    const parts = [0, 1, 2, 3, 4].map(index => frame.slice(offset(index), offset(index + 1)));
    const { comm_id } = JSON.parse(new TextDecoder().decode(parts[4]));
    const nothing = { comm_id, data: { method: 'update', state: {}, buffer_paths: [] } };
    parts[4] = new TextEncoder().encode(JSON.stringify(nothing));
    const ends = parts.reduce((found, part) => [...found, found.at(-1) + part.length], [8 * (parts.length + 2)]);
    const small = new Uint8Array(ends.at(-1));
    const view = new DataView(small.buffer);
    [ends.length, ...ends].forEach((number, index) => view.setBigUint64(8 * index, BigInt(number), true));
    parts.forEach((part, index) => small.set(part, ends[index]));
    return small.buffer;
  };

  const known = new WeakSet();
  const adopt = view => {
    if (view && !known.has(view)) {
      known.add(view);
      leaves(view);
      if (view.fileInput) {
        fits(view.fileInput);
        names(view);
        drops(view);
      }
    }
    return view;
  };
  window.nbapp.atFirst.push(manager => {
    const create = manager.create_view;
    manager.create_view = async function (...about) {
      return adopt(await create.apply(this, about));
    };
  });
})();
