// Writes down which sources the bundle was built from; tests/lab/test_wire.py compares.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const files = ['src', 'schema', 'style'].flatMap(folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
);
const digests = Object.fromEntries(
  [...files, 'package.json']
    .sort()
    .map(file => [file, createHash('sha256').update(readFileSync(file)).digest('hex')])
);
writeFileSync(join('built', 'sources.json'), JSON.stringify(digests, null, 2) + '\n');
