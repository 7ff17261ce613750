import type { Role } from '@posthouse/access';
import type { FastifyRequest } from 'fastify';

/** Who does something, as the audit log names them. The route must need a role. */
export function actorOf({ context }: FastifyRequest): { who: string; role: Role } {
  const { user } = context;
  if (user === undefined) throw new Error('A route that changes something must name the role that it needs.');
  return { who: user.name, role: user.role };
}
