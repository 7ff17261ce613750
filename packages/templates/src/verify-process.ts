/**
 * The process that `verifyTemplates` starts: compiles a template set as a worker does, and prints its issues as a list in JSON. Its argument
 * is the folder of the set.
 */
import { loadRenderer } from './render.ts';
import { TemplateError, type TemplateIssue } from './template-error.ts';

async function issuesOf(dir: string): Promise<readonly TemplateIssue[]> {
  try {
    await loadRenderer(dir);
    return [];
  } catch (error) {
    if (error instanceof TemplateError) return error.issues;
    throw error;
  }
}

process.stdout.write(JSON.stringify(await issuesOf(process.argv[2] ?? '')));
