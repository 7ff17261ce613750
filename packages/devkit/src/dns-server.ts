/** A DNS server on a loopback address (UDP), which answers from a list of records. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Service } from '@posthouse/contract';
import { type Answer, decode, encode } from 'dns-packet';

/** Records by type and name, in lower case: `{ TXT: { 'example.com': ['v=spf1 -all'] } }`. A text longer than 255 bytes is split. */
export interface DnsRecords {
  A?: Readonly<Record<string, readonly string[]>>;
  AAAA?: Readonly<Record<string, readonly string[]>>;
  TXT?: Readonly<Record<string, readonly string[]>>;
  MX?: Readonly<Record<string, readonly string[]>>;
}

/** Codes of RFC 1035 section 4.1.1. */
const [serverFailure, nameError] = [2, 3];

/** A temporary DNS server. */
export class DnsServer implements Service {
  readonly name = 'dns';
  records: DnsRecords;
  /** False to answer nothing, as a server that is away. */
  answers = true;
  /** Answers every query with a failure of the server. */
  fails = false;
  /** Each query: `TXT example.com`. */
  readonly queries: string[] = [];
  #socket: Socket | undefined;

  constructor(records: DnsRecords = {}) {
    this.records = records;
  }

  /** Address and port, as `setServers` of node:dns takes them. */
  get address(): string {
    return `127.0.0.1:${this.#socket?.address().port}`;
  }

  async start(): Promise<void> {
    const socket = createSocket('udp4');
    this.#socket = socket;
    socket.on('message', (message, { port, address }) => {
      const reply = this.#reply(message);
      if (reply !== undefined) socket.send(reply, port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }

  async stop(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  #reply(message: Buffer): Buffer | undefined {
    const { id = 0, questions = [] } = decode(message);
    const [question] = questions;
    if (question === undefined) return undefined;
    const name = question.name.toLowerCase();
    this.queries.push(`${question.type} ${name}`);
    if (!this.answers) return undefined;
    const found = this.#answers(question.type, name);
    const isKnown = Object.values(this.records).some((records) => Object.hasOwn(records, name));
    const code = this.fails ? serverFailure : isKnown ? 0 : nameError;
    return encode({ type: 'response', id, flags: code, questions, answers: this.fails ? [] : found });
  }

  #answers(type: string, name: string): Answer[] {
    const values = (this.records as Record<string, Readonly<Record<string, readonly string[]>> | undefined>)[type]?.[name] ?? [];
    if (type === 'TXT') return values.map((text) => ({ type: 'TXT', name, data: text.match(/.{1,255}/gs) ?? [''] }));
    if (type === 'MX') return values.map((exchange, preference) => ({ type: 'MX', name, data: { preference, exchange } }));
    return values.map((data) => ({ type: type as 'A', name, data }));
  }
}
