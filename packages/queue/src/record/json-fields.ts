/** Reads the fields of a record that are JSON in clear: what is wrong in one that was edited is said by its name. */
import type { Deferral, ReasonCode, RecordedAction } from '@posthouse/contract';
import { RecordError } from './record-error.ts';
import { maxTime } from './record-shape.ts';

/** A mail that a worker without its key has put back, which cannot seal a deferral. @param json what `putBack` stored */
export function putBackForKey(json: string | undefined): Deferral | undefined {
  if (json === undefined) return undefined;
  const { at, keyId } = parseJson<{ at: number; keyId: string } | null>(json, 'keyMissing') ?? {};
  if (typeof at !== 'number' || typeof keyId !== 'string') throw new RecordError("the record's keyMissing is not what a worker writes");
  const reason: ReasonCode = 'key-missing';
  return { at, durationMs: 0, steps: [], reason, detail: `A worker without the key "${keyId}" has put the mail back.` };
}

/** The actions of users and API keys. Nothing where the field was edited by hand: it is no reason not to read the mail. */
export function actionsIn(json: string | undefined): RecordedAction[] | undefined {
  if (json === undefined) return undefined;
  try {
    const actions = JSON.parse(json);
    return Array.isArray(actions) ? actions.filter(isAction) : undefined;
  } catch {
    return undefined;
  }
}

function isAction(action: unknown): action is RecordedAction {
  const { at, who, action: name } = Object(action) as Record<string, unknown>;
  return typeof at === 'number' && at >= 0 && at <= maxTime && typeof who === 'string' && typeof name === 'string';
}

/** Parses a field. @throws RecordError that names the field, where it is absent or not JSON */
export function parseJson<T>(text: string | undefined, field: string): T {
  try {
    return JSON.parse(text ?? '') as T;
  } catch {
    throw new RecordError(`the record's ${field} is not JSON`);
  }
}

/** An object with one property, or without it where the value is undefined. */
export function optional<K extends string, V>(name: K, value: V | undefined): { [name in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [name in K]?: V });
}
