import type { RequestConnection } from '@posthouse/queue';
import type { Logger } from '@posthouse/runtime';
import type { Renderer } from '@posthouse/templates/render';
import type { Users } from './users.ts';

/** What the dashboard is built of, handed to all of its routes. */
export interface DashboardParts {
  connection: RequestConnection;
  users: Users;
  /** The templates as this process found them when it started; its `catalogue` names them. */
  renderer: Renderer;
  log: Logger;
}
