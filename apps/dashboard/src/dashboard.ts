/** What ops see and do. It reads records and acts on them through packages/queue; it never sends a mail itself. */

export { type DashboardConfig, readConfig } from './config.ts';
export { createDashboard } from './create-dashboard.ts';
