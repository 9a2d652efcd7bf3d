/* The page connects to its kernel while Voila's scripts are still on their way: they find what they ask for then, a kernel
   that is there and a socket that is open. The server opens no socket before the first run is over: nothing in the kernel
   judges what a page sends before. */
(() => {
  'use strict';
  const { firstRun, headers } = window.nbapp;
  const { fetch, WebSocket: Socket } = window;
  const PROTOCOL = 'v1.kernel.websocket.jupyter.org';
  const KERNEL = /\/api\/kernels\/[\w-]+$/;
  const { nbappKernel, nbappSoon } = document.body.dataset;
  const ofKernel = `${window.nbappVisit.base}api/kernels/${nbappKernel}`;

  // One session for the sockets of this page, one after the other: what the kernel says while it has none waits for that
  // name. Who opens another at the same time, a library that talks to the kernel itself, has a session of its own: of two
  // with one session the server would close the older.
  const session = window.nbapp.random();
  let newest = null; // the socket that has it
  const opened = (address, make) => {
    const isTaken = newest !== null && newest.readyState <= Socket.OPEN;
    isTaken || address.searchParams.set('session_id', session);
    window.nbapp.asksPacked(address);
    const made = window.nbapp.unpacks(make(address.href));
    newest = isTaken ? newest : made;
    return made;
  };
  const channels = () => {
    const address = new URL(`${ofKernel}/channels`, window.location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    return address;
  };

  // Where such a page was live before, the first run is over soon, and the socket of one that is far away waits for that.
  // It may not wait for minutes: a proxy would give it up.
  const isSoon = nbappSoon !== undefined;
  const early = (isSoon ? Promise.resolve() : firstRun).then(() => {
    const socket = opened(channels(), href => new Socket(href, PROTOCOL));
    const opens = new Promise(resolve => ['open', 'close'].forEach(event => socket.addEventListener(event, resolve)));
    const isThere = isSoon ? opens : Promise.resolve();
    return {
      kernel: isThere.then(() => fetch(ofKernel, { headers: headers() })).catch(() => null),
      socket: new window.nbapp.EarlySocket(socket, isSoon ? session : null)
    };
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
  let socket = null;
  early.then(found => (socket = found.socket));
  const handed = () => {
    const taken = socket;
    socket = null;
    return taken?.handOver() ?? null;
  };
  window.WebSocket = new Proxy(Socket, {
    construct: (target, [address, ...rest], made) => {
      const found = new URL(address, window.location.href);
      if (found.pathname !== channels().pathname || !rest.flat().includes(PROTOCOL)) {
        return Reflect.construct(target, [address, ...rest], made);
      }
      return handed() ?? opened(found, href => Reflect.construct(target, [href, ...rest], made));
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
})();
