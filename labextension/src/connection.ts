/**
 * The comm to one kernel, taken up again after reloads, restarts and lost connections.
 *
 * Keeps the last word of the kernel on each cell, so that a view that opens later can show it. Knows no document: the
 * cells to tell come from whoever made it.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate, UUID } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import {
  Busy,
  CellNow,
  FromFrontEnd,
  FromKernel,
  Outputs,
  PROTOCOL,
  Status,
  StepNow,
  TARGET,
  Values
} from './wire';

export class Connection {
  readonly client = UUID.uuid4();
  readonly steps = new Map<string, StepNow>();
  status: Status | null = null;
  busy: Busy | null = null;

  /** The status or the cell that executes changed. */
  readonly changed = new Signal<this, void>(this);
  /** These cells stand elsewhere; all of them when the connection came or went. */
  readonly stepped = new Signal<this, readonly string[] | null>(this);
  /** A cell shows something else. */
  readonly shown = new Signal<this, Outputs>(this);

  constructor(
    private readonly session: ISessionContext,
    private readonly cells: () => CellNow[]
  ) {
    session.kernelChanged.connect((_, change) => this.attach(change.newValue));
    session.statusChanged.connect((_, status) => {
      if (['restarting', 'autorestarting', 'dead'].includes(status)) {
        this.drop();
      }
    });
    session.connectionStatusChanged.connect((_, status) => {
      if (status === 'connected') {
        this.hello(); // what was said meanwhile is lost
      }
    });
    this.attach(session.session?.kernel ?? null);
  }

  /** Whether the kernel was said hello; it may be too busy to answer for a while. */
  get isGreeted(): boolean {
    return this.comm !== null;
  }

  /** Whether the kernel of this notebook runs nbapp. */
  get isOpen(): boolean {
    return this.comm !== null && this.status !== null;
  }

  send(message: FromFrontEnd): void {
    if (this.comm !== null) {
      this.comm.send(message as unknown as { [key: string]: never });
    }
  }

  /** End the rerun under way; an older kernel hears messages only when the cell has ended, an interrupt at once. */
  async stop(): Promise<void> {
    this.send({ kind: 'stop' });
    await this.session.session?.kernel?.interrupt();
  }

  /**
   * What the user chose in this kernel; rejected when the kernel goes away. A kernel that is busy answers later.
   *
   * ipywidgets holds the newest value of a control back until the kernel has taken the one before: it is sent when the
   * first answer is here, and the second answer knows it.
   */
  current(): Promise<Values> {
    const answer = this.ask().then(() => this.ask());
    answer.catch(() => undefined); // whoever asked may not look any more
    return answer;
  }

  private ask(): Promise<Values> {
    const answer = new PromiseDelegate<Values>();
    if (this.comm === null) {
      answer.reject(new Error('no kernel'));
    } else {
      this.asked.push(answer);
      this.send({ kind: 'current', client: this.client });
    }
    return answer.promise;
  }

  private attach(kernel: Kernel.IKernelConnection | null): void {
    this.drop();
    if (kernel === null) {
      return;
    }
    kernel.registerCommTarget(TARGET, comm => this.open(comm));
    void this.find(kernel);
  }

  /** The comm may be open already, when the page was loaded again. */
  private async find(kernel: Kernel.IKernelConnection): Promise<void> {
    if (!kernel.handleComms) {
      return; // a console, or another client that leaves comms to the notebook
    }
    const reply = await kernel.requestCommInfo({ target_name: TARGET });
    if (this.comm !== null || kernel.isDisposed || reply.content.status !== 'ok') {
      return;
    }
    const ids = Object.keys(reply.content.comms);
    if (ids.length > 0) {
      const id = ids[ids.length - 1];
      if (!kernel.hasComm(id)) {
        this.open(kernel.createComm(TARGET, id));
      }
    }
  }

  private open(comm: Kernel.IComm): void {
    this.comm = comm;
    comm.onMsg = message => this.take(message);
    comm.onClose = () => {
      if (this.comm === comm) {
        this.drop();
      }
    };
    this.hello();
  }

  private hello(): void {
    this.send({ kind: 'hello', protocol: PROTOCOL, client: this.client, cells: this.cells() });
  }

  private drop(): void {
    this.comm = null;
    this.status = null;
    this.busy = null;
    this.steps.clear();
    this.asked.splice(0).forEach(answer => answer.reject(new Error('the kernel went away')));
    this.changed.emit();
    this.stepped.emit(null);
  }

  private take(message: KernelMessage.ICommMsgMsg): void {
    const data = message.content.data as unknown as FromKernel;
    switch (data.kind) {
      case 'status':
        this.status = data;
        this.changed.emit();
        break;
      case 'busy':
        this.busy = data.cell === '' ? null : data;
        this.changed.emit();
        break;
      case 'steps':
        for (const step of data.steps) {
          this.steps.set(step.cell, step);
        }
        this.stepped.emit(data.steps.map(step => step.cell));
        break;
      case 'outputs':
        this.shown.emit(data);
        break;
      case 'values':
        if (data.client === this.client) {
          this.asked.splice(0).forEach(answer => answer.resolve(data));
        }
        break;
    }
  }

  private comm: Kernel.IComm | null = null;
  private readonly asked: PromiseDelegate<Values>[] = [];
}
