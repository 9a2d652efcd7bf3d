/* Large messages of the kernel come packed from a server that is far away (visitors/distance.py): whoever listens to a
   socket gets them unpacked, in their order. */
(() => {
  'use strict';
  const MARK = 8; // bytes, all 0, before what is packed
  const isPacked = data => new DataView(data).getBigUint64(0) === 0n;
  const unpacked = data => {
    const packed = new Blob([new Uint8Array(data, MARK)]).stream();
    return new Response(packed.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer();
  };
  window.nbapp.asksPacked = address => window.DecompressionStream && address.searchParams.set('unpacks', '1');
  window.nbapp.unpacks = socket => {
    socket.binaryType = 'arraybuffer';
    let last = null; // the newest message that waits, for itself or for one before it
    const pass = data => socket.dispatchEvent(new MessageEvent('message', { data }));
    socket.addEventListener('message', event => {
      if (!event.isTrusted || (last === null && !isPacked(event.data))) {
        return; // one that is passed on, or has nothing to wait for
      }
      event.stopImmediatePropagation();
      const whole = isPacked(event.data) ? unpacked(event.data) : event.data;
      const mine = Promise.all([whole, last]).then(([data]) => pass(data), () => socket.close()); // it is asked for anew
      last = mine;
      mine.then(() => last === mine && (last = null));
    });
    return socket;
  };
})();
