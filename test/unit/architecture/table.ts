/** Which folder may import which: the architecture as a table. A folder may always import itself. */

/** The longest matching folder decides; an allowed folder includes its subfolders. `values` packages are those imported at run time by nobody else. */
export const allowed: Readonly<Record<string, readonly string[]>> = {
  'src/util': [],
  'src/document': ['src/util'],
  'src/resolve': ['src/document', 'src/util'],
  'src/judge': ['src/resolve', 'src/document', 'src/util'],
  'src/serve': ['src/judge', 'src/resolve', 'src/document', 'src/util'],
  'src/watch/kubernetes': ['src/util'],
  'src/watch/api': ['src/judge', 'src/resolve', 'src/util'],
  'src/watch/cluster': ['src/watch/api', 'src/watch/kubernetes', 'src/judge', 'src/resolve', 'src/util'],
  'src/watch/registration': ['src/watch/kubernetes', 'src/util'],
  'src/watch/controller': [
    'src/watch/cluster',
    'src/watch/api',
    'src/watch/kubernetes',
    'src/judge',
    'src/resolve',
    'src/util',
  ],
  'src/observe': ['src/resolve', 'src/judge', 'src/serve', 'src/watch', 'src/document', 'src/util'],
  'src/config': [
    'src/resolve',
    'src/judge',
    'src/serve',
    'src/watch',
    'src/observe',
    'src/document',
    'src/util',
  ],
  'src/cli': ['src/config', 'src/judge', 'src/resolve', 'src/document', 'src/util'],
  'src/app': [
    'src/cli',
    'src/config',
    'src/judge',
    'src/observe',
    'src/resolve',
    'src/serve',
    'src/document',
    'src/util',
    'src/watch',
  ],
  'src/main.ts': ['src/app', 'src/cli', 'src/document', 'src/util'],
};

/** Packages that only the named folders may import. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': ['src/watch/kubernetes'],
  undici: ['src/resolve/registry', 'src/watch/kubernetes'],
  express: ['src/serve'],
  pino: ['src/observe'],
  'prom-client': ['src/observe'],
  re2js: ['src/resolve/endpoints'],
  'smol-toml': ['src/resolve/endpoints'],
  '@peculiar/x509': ['src/serve/certificates'],
};
