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
  let socket = null;
  early.then(found => (socket = found.socket));
  const handed = () => {
    const taken = socket;
    socket = null;
    if (taken?.readyState === Socket.OPEN) {
      setTimeout(() => taken.dispatchEvent(new Event('open'))); // for who listens from now on
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
})();
