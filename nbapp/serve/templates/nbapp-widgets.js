/* Widgets of libraries on the page: their views leave with their boxes, and what is uploaded fits. */
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

  // --- A view waits two seconds for the model that it shows. Where the page was busy for longer, as it is while it makes
  // many, the time is over before anybody has looked again: then the model is there.
  window.nbapp.manager.then(manager => {
    const get = manager.get_model;
    manager.get_model = function (id) {
      return get.call(this, id).catch(error => {
        if (!this.has_model(id)) {
          throw error;
        }
        return get.call(this, id);
      });
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
      }
    }
    return view;
  };
  window.nbapp.manager.then(manager => {
    const create = manager.create_view;
    manager.create_view = async function (...about) {
      return adopt(await create.apply(this, about));
    };
    for (const model of manager._modelsSync?.values() ?? []) {
      Object.values(model.views ?? {}).forEach(view => view.then(adopt, () => {}));
    }
  });
})();
