import type { RequestConnection } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { Catalogue } from '@posthouse/templates/catalogue';
import type { Users } from './users.ts';

/** What the dashboard is built of, handed to all of its routes. */
export interface DashboardParts {
  connection: RequestConnection;
  users: Users;
  catalogue: Catalogue;
  log: Logger;
}
