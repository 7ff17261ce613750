/** The order of test files: the longest first, so that none runs alone at the end. A fresh clone knows no durations, so folders stand for them. */
import { statSync } from 'node:fs';
import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that start processes in each test, then those that start processes, then those that start a Redis, then scrypt, then all others. */
const folders = ['apps/worker/', 'apps/sandbox/', 'apps/', 'packages/queue/', 'packages/access/', ''];

/** Sorts the files; shards are those of vitest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const keyed = files.map((file) => {
      const path = relative(root, file.moduleId);
      return { file, folder: folders.findIndex((folder) => path.startsWith(folder)), size: statSync(file.moduleId).size };
    });
    return keyed.sort((one, other) => one.folder - other.folder || other.size - one.size).map(({ file }) => file);
  }
}
