/* How a page gets the states of all widgets: it asks once, and takes the answer when it comes. From far away it asks as soon
   as it is connected, while Voila's scripts are still on their way, as the answer may have megabytes; the manager of
   widgets, which asks when it is there, is told that answer. */
(() => {
  'use strict';
  const CONTROL = 'jupyter.widget.control';
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
  window.nbapp.random = random;

  // --- frames of v1.kernel.websocket.jupyter.org: how many offsets, the offsets, and what lies between them: the channel,
  // the header, that of what is answered, metadata, content, buffers
  const WORD = 8; // bytes of an offset
  const frame = parts => {
    const offsets = [WORD * (parts.length + 2)];
    parts.forEach(part => offsets.push(offsets.at(-1) + part.byteLength));
    const bytes = new Uint8Array(offsets.at(-1));
    [offsets.length, ...offsets].forEach((word, at) => new DataView(bytes.buffer).setBigUint64(WORD * at, BigInt(word), true));
    parts.forEach((part, at) => bytes.set(part, offsets[at]));
    return bytes.buffer;
  };
  const parts = data => {
    const word = at => Number(new DataView(data).getBigUint64(WORD * at, true));
    return Array.from({ length: word(0) - 1 }, (_, at) => new Uint8Array(data, word(at + 1), word(at + 2) - word(at + 1)));
  };
  const read = part => JSON.parse(decoder.decode(part));
  const written = value => encoder.encode(JSON.stringify(value));
  const framed = (channel, header, parent, content) =>
    frame([encoder.encode(channel), ...[header, parent, {}, content].map(written)]);
  const inText = (part, old, now) => encoder.encode(decoder.decode(part).replace(old, now));
  const asksStates = ({ content }) => content.data?.method === 'request_states';

  // --- A socket that is open before there is anybody to hear it. With the session of its page, it asks for the states.
  class EarlySocket {
    #socket;
    #comm = random();
    #question = random();
    #closes = null; // what was opened for the question, if it is asked
    #held = null; // from the answer on, what the kernel says of widgets, until the manager has taken the answer
    #asked = null; // the manager's question
    #passed = null; // the event by which one of what is held is passed on
    #isHeard = false; // whether whoever was handed the socket listens
    #isOver = false; // whether nothing is kept from them any more

    constructor(socket, session) {
      this.#socket = socket;
      socket.addEventListener('message', event => event !== this.#passed && this.#hears(event));
      if (session !== null) {
        this.#asks(session);
      }
    }

    #asks(session) {
      const socket = this.#socket;
      const { send } = socket;
      const sends = (msg_type, content, msg_id = random()) => {
        const header = { msg_id, msg_type, session, username: '', date: new Date().toISOString(), version: '5.3' };
        send.call(socket, framed('shell', header, {}, content));
      };
      const comm_id = this.#comm;
      const opens = () => {
        sends('comm_open', { comm_id, target_name: CONTROL, data: {} });
        sends('comm_msg', { comm_id, data: { method: 'request_states' } }, this.#question);
      };
      this.#closes = () => sends('comm_close', { comm_id, data: {} });
      socket.addEventListener('open', opens, { once: true });
      socket.send = data => this.#isManagers(data) || send.call(socket, data);
    }

    // To whom it is handed it opens, and says nothing before: what the kernel said until then is in the states. Who heard it
    // would think that the kernel had been asked, and wait three seconds for an answer. null: it has closed.
    handOver() {
      if (this.#socket.readyState > WebSocket.OPEN) {
        return null;
      }
      const opens = () => {
        this.#isHeard = true;
        this.#isOver = !this.#closes; // nothing was asked
      };
      if (this.#socket.readyState === WebSocket.OPEN) {
        setTimeout(() => {
          opens();
          this.#socket.dispatchEvent(new Event('open'));
        });
      } else {
        this.#socket.addEventListener('open', opens);
      }
      return this.#socket;
    }

    #hears(event) {
      if (this.#isOver) {
        return;
      }
      const [, header, parent] = parts(event.data).slice(0, 3).map((part, at) => at && read(part));
      if (!this.#held && this.#answers(header, parent, event.data)) {
        this.#held = [event.data];
        this.#closes();
        event.stopImmediatePropagation();
        this.#tell();
      } else if (this.#held && header.msg_type.startsWith('comm_')) {
        this.#held.push(event.data);
        event.stopImmediatePropagation();
      } else if (!this.#isHeard) {
        event.stopImmediatePropagation();
      }
    }

    // What threads of the kernel say meanwhile has the same parent.
    #answers({ msg_type }, { msg_id }, data) {
      return msg_type === 'comm_msg' && msg_id === this.#question && read(parts(data)[4]).data?.method === 'update_states';
    }

    // Whether it is the manager's question, which the kernel does not get.
    #isManagers(data) {
      const [, header, , , content] = parts(data).map((part, at) => (at === 1 || at === 4) && read(part));
      if (header.msg_type !== 'comm_msg' || !asksStates({ content })) {
        return false;
      }
      delete this.#socket.send;
      this.#asked = { msg_id: header.msg_id, comm_id: content.comm_id };
      this.#tell();
      return true;
    }

    #tell() {
      if (!this.#held || !this.#asked) {
        return;
      }
      const [channel, header, parent, metadata, content, ...buffers] = parts(this.#held[0]);
      const now = inText(parent, this.#question, this.#asked.msg_id);
      const answer = frame([channel, header, now, metadata, inText(content, this.#comm, this.#asked.comm_id), ...buffers]);
      const status = { ...read(header), msg_id: random(), msg_type: 'status' };
      const done = framed('iopub', status, read(now), { execution_state: 'idle' });
      this.#held = [answer, done, ...this.#held.slice(1)];
      this.#pass();
    }

    // Each as a message of its own: until the next one, the widgets of the answer are known.
    #pass() {
      if (this.#held.length === 0) {
        this.#isOver = true;
        return;
      }
      this.#passed = new MessageEvent('message', { data: this.#held.shift() });
      this.#socket.dispatchEvent(this.#passed);
      setTimeout(() => this.#pass());
    }
  }
  window.nbapp.EarlySocket = EarlySocket;

  // --- A kernel that is computing tells the states of its widgets later than the manager is ready to wait. Its answer is
  // taken when it comes. Asked again, it would answer twice: after the first answer the server keeps back nothing more
  // (untold.py), and what the kernel makes before the second would refer to widgets that the page does not have.
  const isAnew = (kernel, status) => status === 'connected' && !kernel._pendingMessages.some(asksStates);
  const answer = (kernel, isAsked) => // null: the connection is a new one, on which nothing is asked or about to be
    new Promise(resolve => {
      const done = found => {
        kernel.iopubMessage.disconnect(hears);
        kernel.connectionStatusChanged.disconnect(connects);
        resolve(found);
      };
      const hears = (_, message) => message.content.data?.method === 'update_states' && isAsked(message) && done(message);
      const connects = (_, status) => isAnew(kernel, status) && done(null);
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
  // What the kernel says of a widget while its model is made, which may have to wait for others and for a library, is given
  // to the model once it listens: the front end would drop it.
  const patient = comm => {
    const { on_msg } = comm;
    const early = [];
    on_msg.call(comm, message => void early.push(message));
    comm.on_msg = hears => {
      setTimeout(() => { // the model is whole then
        comm.on_msg = on_msg;
        on_msg.call(comm, hears);
        early.forEach(message => hears(message));
      });
    };
    return comm;
  };
  window.nbapp.atFirst.push(manager => {
    const create = manager._create_comm;
    manager._create_comm = async function (target, ...rest) {
      const comm = await create.call(this, target, ...rest);
      return target === 'jupyter.widget' ? patient(comm) : comm;
    };
    let newest = null; // question of this page, where it was asked from now on
    let isLost = false; // whether the connection has been another one since: the question or its answer may be gone with it
    manager.kernel.anyMessage.connect((_, { direction, msg }) => {
      if (direction === 'send' && asksStates(msg)) {
        newest = msg.header.msg_id;
        isLost = false;
      }
    });
    manager.kernel.connectionStatusChanged.connect((kernel, status) => (isLost ||= isAnew(kernel, status)));
    const isAsked = ({ parent_header }) => newest === null || parent_header.msg_id === newest;
    manager._loadFromKernelModels = async function () {
      if (this.kernel.isDisposed) {
        throw new Error('the kernel is gone');
      }
      const message = isLost ? null : await answer(this.kernel, isAsked);
      return message ? takes(this, message) : this._loadFromKernel();
    };
  });
})();
