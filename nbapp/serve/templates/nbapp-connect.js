/* The page connects to its kernel as soon as the first run is over, while Voila's scripts are still on their way: they
   find what they ask for then, a kernel that is there and a socket that is open. Before, nothing in the kernel judges
   what a page sends. */
(() => {
  'use strict';
  const { config, firstRun, headers } = window.nbapp;
  const { fetch, WebSocket: Socket } = window;
  const PROTOCOL = 'v1.kernel.websocket.jupyter.org';
  const KERNEL = /\/api\/kernels\/[\w-]+$/;
  const ofKernel = () => `${config().baseUrl}api/kernels/${config().kernelId}`;

  // One session for all sockets of this page: what the kernel says while it has none waits for that name.
  const session = [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
  const channels = () => {
    const address = new URL(`${ofKernel()}/channels`, window.location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    address.searchParams.set('session_id', session);
    return address;
  };

  const early = firstRun.then(() => {
    const socket = new Socket(channels().href, PROTOCOL);
    return { kernel: fetch(ofKernel(), { headers: headers() }).catch(() => null), socket };
  });
  const take = async name => {
    const found = await early;
    const taken = found[name];
    found[name] = null; // once
    return taken;
  };

  window.fetch = async (...asked) => {
    const { pathname } = new URL(asked[0]?.url ?? String(asked[0]), window.location.href);
    const kernel = KERNEL.test(pathname) ? await take('kernel') : null;
    return kernel?.ok ? kernel : fetch(...asked);
  };

  // --- whoever opens the kernel's socket gets that one, or another of the same session
  // A socket says nothing before it is open: what the kernel says until then is in the states that are asked for later. Who
  // takes the socket would think that it has asked the kernel already, and wait three seconds for an answer.
  let socket = null;
  early.then(found => (socket = found.socket));
  const silence = event => event.stopImmediatePropagation();
  const handed = () => {
    const taken = socket;
    socket = null;
    if (taken?.readyState === Socket.OPEN) {
      taken.addEventListener('message', silence);
      setTimeout(() => { // for who listens from now on
        taken.removeEventListener('message', silence);
        taken.dispatchEvent(new Event('open'));
      });
    }
    return taken && taken.readyState <= Socket.OPEN ? taken : null;
  };
  window.WebSocket = new Proxy(Socket, {
    construct: (target, [address, ...rest], made) => {
      const asked = new URL(address, window.location.href);
      if (asked.pathname !== channels().pathname) {
        return Reflect.construct(target, [address, ...rest], made);
      }
      asked.searchParams.set('session_id', session);
      return (rest.flat().includes(PROTOCOL) && handed()) || Reflect.construct(target, [asked.href, ...rest], made);
    }
  });

  // --- when it is connected again, the first question goes before what waits: what waits, waits for its answer
  window.nbapp.atFirst.push(({ kernel }) => {
    const ask = kernel.requestKernelInfo;
    kernel.requestKernelInfo = function () {
      const session = this._kernelSession;
      this._kernelSession = this.connectionStatus === 'connected' ? '' : session; // as if it had heard nothing so far
      try {
        return ask.call(this);
      } finally {
        this._kernelSession = session;
      }
    };
  });

  // --- A kernel that is computing tells the states of its widgets later than the manager is ready to wait. Its answer is
  // taken when it comes. Asked again, it would answer twice: after the first answer the server keeps back nothing more
  // (untold.py), and what the kernel makes before the second would refer to widgets that the page does not have.
  const CONTROL = 'jupyter.widget.control';
  const asksStates = ({ content }) => content.data?.method === 'request_states';
  const answer = (kernel, isAsked) => // null: the connection is a new one, on which nothing is asked or about to be
    new Promise(resolve => {
      const done = found => {
        kernel.iopubMessage.disconnect(hears);
        kernel.connectionStatusChanged.disconnect(connects);
        resolve(found);
      };
      const hears = (_, message) => message.content.data?.method === 'update_states' && isAsked(message) && done(message);
      const connects = (_, status) => status === 'connected' && !kernel._pendingMessages.some(asksStates) && done(null);
      kernel.iopubMessage.connect(hears);
      kernel.connectionStatusChanged.connect(connects);
    });
  // The manager opens a channel, asks, and is answered at once.
  const takes = (manager, message) => {
    const create = manager._create_comm;
    manager._create_comm = function (target, ...rest) {
      if (target !== CONTROL) {
        return create.call(this, target, ...rest);
      }
      this._create_comm = create;
      return Promise.resolve({ on_msg: hears => hears(message), on_close: () => {}, send: () => {}, close: () => {} });
    };
    return manager._loadFromKernel();
  };
  window.nbapp.atFirst.push(manager => {
    let newest = null; // question of this page, where it was asked from now on
    manager.kernel.anyMessage.connect((_, { direction, msg }) => {
      if (direction === 'send' && asksStates(msg)) {
        newest = msg.header.msg_id;
      }
    });
    const isAsked = ({ parent_header }) => newest === null || parent_header.msg_id === newest;
    manager._loadFromKernelModels = async function () {
      if (this.kernel.isDisposed) {
        throw new Error('the kernel is gone');
      }
      const message = await answer(this.kernel, isAsked);
      return message ? takes(this, message) : this._loadFromKernel();
    };
  });
})();
