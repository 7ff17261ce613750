/**
 * Lua scripts as typed objects, and the one way to run them. A script names its keys and its arguments once, in order;
 * callers pass them by name, and inside Lua they are locals of the same names. Every script is sent by its hash.
 */
import type { ReasonCode } from '@posthouse/contract';
import type { Redis } from 'ioredis';
import { defaultPrefix, prefix } from './keys.ts';
import { repeatRefused } from './redis-client.ts';

/** What an argument is to its caller. In Lua a `number` is a number, a `flag` is a boolean, and the others are strings. */
interface ArgumentTypes {
  text: string;
  number: number;
  flag: boolean;
  bytes: string | Buffer;
}

/** What a reply is to its caller. */
export interface ReplyTypes {
  number: number;
  numbers: number[];
  text: string | null;
  texts: string[];
  bytes: Buffer[];
  /** Of any kinds; in the place of one that Redis refused, its error. */
  list: unknown[];
  lists: string[][];
}

type ArgumentKinds = Readonly<Record<string, keyof ArgumentTypes>>;
type ReplyKind = keyof ReplyTypes;
type Value = string | number | Buffer;

/** One Lua script: what it takes, in the order in which that is sent, what it returns, and its text. */
export interface Script<Key extends string = string, Kinds extends ArgumentKinds = ArgumentKinds, Reply extends ReplyKind = ReplyKind> {
  readonly name: string;
  readonly keys: readonly Key[];
  readonly args: Kinds;
  /** The Lua table for any number of further arguments. */
  readonly rest?: string;
  /** Gives the script the local `now`: ms since the epoch by the clock of Redis, which all processes share. */
  readonly readsClock?: true;
  readonly returns: Reply;
  readonly lua: string;
}

/** A call of a script: its keys, its arguments and, where it takes them, any number of further arguments. */
export type Call<Key extends string, Kinds extends ArgumentKinds> = [
  keys: Readonly<Record<Key, string>>,
  args: { readonly [Name in keyof Kinds]: ArgumentTypes[Kinds[Name]] },
  rest?: readonly Value[],
];

/** Makes a script. `lua` is its body, in which each key and each argument is a local of its name. */
export function script<const Key extends string, const Kinds extends ArgumentKinds, const Reply extends ReplyKind>(
  source: Script<Key, Kinds, Reply>,
): Script<Key, Kinds, Reply> {
  return { ...source, lua: [...localsOf(source), source.lua.trim()].join('\n') };
}

/** A Lua expression that is true when a variable equals one of the values. */
export function isOneOf(variable: string, values: readonly string[]): string {
  return `(${values.map((value) => `${variable} == '${value}'`).join(' or ')})`;
}

/** A reason code as a Lua string. */
export function reasonLiteral(code: ReasonCode): string {
  return `'${code}'`;
}

/** Runs a script; on a worker's connection it waits for a primary (see `repeatRefused`). */
export async function runScript<Key extends string, Kinds extends ArgumentKinds, Reply extends ReplyKind>(
  redis: Redis,
  script: Script<Key, Kinds, Reply>,
  ...call: Call<Key, Kinds>
): Promise<ReplyTypes[Reply]> {
  defineScript(redis, script);
  const command = script.returns === 'bytes' ? `${commandName(script)}Buffer` : commandName(script);
  const commands = redis as unknown as Record<string, (...values: Value[]) => Promise<ReplyTypes[Reply]>>;
  const run = commands[command] as NonNullable<(typeof commands)[string]>;
  return await repeatRefused(redis, () => run.apply(redis, valuesOf(script, call)));
}

/**
 * Adds a script to a transaction.
 * @param transaction on a connection on which `defineScript` was called before the transaction began
 */
export function queueScript<Key extends string, Kinds extends ArgumentKinds>(
  transaction: { runCommand(name: string, args: Value[]): unknown },
  script: Script<Key, Kinds>,
  ...call: Call<Key, Kinds>
): void {
  transaction.runCommand(commandName(script), valuesOf(script, call));
}

/** Makes a script known to a connection. */
export function defineScript(redis: Redis, script: Script): void {
  if (commandName(script) in redis) return;
  redis.defineCommand(commandName(script), { numberOfKeys: script.keys.length, lua: script.lua.replaceAll(defaultPrefix, prefix) });
}

function commandName({ name }: Script): string {
  return `posthouse:${name}`;
}

function valuesOf(script: Script, [keys, args, rest = []]: Call<string, ArgumentKinds>): Value[] {
  const values = Object.keys(script.args).map((name) => args[name] as Value | boolean);
  return [
    ...script.keys.map((name) => keys[name] as string),
    ...values.map((value) => (typeof value === 'boolean' ? Number(value) : value)),
    ...rest,
  ];
}

function localsOf({ keys, args, rest, readsClock }: Script): string[] {
  const read = { text: '%', bytes: '%', number: 'tonumber(%)', flag: "% == '1'" };
  const kinds = Object.entries(args);
  return [
    ...keys.map((name, n) => `local ${name} = KEYS[${n + 1}]`),
    ...kinds.map(([name, kind], n) => `local ${name} = ${read[kind].replace('%', `ARGV[${n + 1}]`)}`),
    ...(rest === undefined ? [] : [`local ${rest} = {unpack(ARGV, ${kinds.length + 1})}`]),
    ...(readsClock ? ["local time = redis.call('TIME')", 'local now = time[1] * 1000 + math.floor(time[2] / 1000)'] : []),
  ];
}
