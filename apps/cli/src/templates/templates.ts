/**
 * `templates`: commands for authors of templates. To add one, export a function of CommandContext from a file here, named after its
 * command, and add it to the list below; what it needs more than a file goes into a folder of that name.
 */
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { CommandContext } from '../command.ts';
import { check } from './check.ts';
import { dev } from './dev.ts';
import { diff } from './diff.ts';
import { newTemplate } from './new.ts';
import { types } from './write-types.ts';

/** The group `templates`. */
export function templates(context: CommandContext): CommandUnknownOpts {
  return new Command('templates')
    .description('Commands for authors of templates.')
    .summary('preview, check and type templates')
    .addCommand(dev(context))
    .addCommand(check(context))
    .addCommand(newTemplate(context))
    .addCommand(types(context))
    .addCommand(diff(context));
}
