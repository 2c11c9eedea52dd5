/** The rooms of docs/architecture.md, and the one door of each package. Each rule says what to do instead. */
const room = (name, mayImport, comment) => ({
  name: `${name}-stays-in-its-room`,
  comment,
  severity: 'error',
  from: { path: `^src/${name}/` },
  to: { path: '^src/', pathNot: [`^src/${name}/`, ...mayImport.map((path) => `^src/${path}`)] },
});
const door = (name, packages, rooms) => ({
  name: `one-door-for-${name}`,
  comment: `Only ${rooms.join(' and ')} may import ${name}: ask that room for what you need instead.`,
  severity: 'error',
  from: { path: '^src/', pathNot: rooms.map((path) => `^src/${path}`) },
  to: { path: packages.map((path) => `node_modules/${path}/`) },
});
const PORTS = ['fhir/port\\.ts$', 'state/port\\.ts$', 'notify/port\\.ts$'];

module.exports = {
  forbidden: [
    room('domain', [], 'Domain is values in, values out: pass what you need as an argument.'),
    room(
      'content',
      ['domain/', 'analysis/(read-)?plan\\.ts$'],
      'Content reads files and hands out domain values, and the plan of the analysis.',
    ),
    room('fhir', ['domain/'], 'The FHIR adapter knows FHIR, not Vincle’s content or jobs.'),
    room('state', ['domain/'], 'State stores what it is given.'),
    room('notify', ['domain/'], 'Notify delivers what it is given.'),
    room(
      'pipeline',
      ['domain/', 'content/', 'analysis/', ...PORTS],
      'The pipeline sees ports, never adapters: let cli or main choose.',
    ),
    room('jobs', ['domain/', 'pipeline/', ...PORTS], 'A job decides when; the pipeline decides what.'),
    room(
      'http',
      ['domain/', 'content/', 'pipeline/', 'report/', 'log\\.ts$', ...PORTS],
      'HTTP translates; the pipeline decides.',
    ),
    room(
      'simulation',
      ['domain/', 'embedded/cohort/', 'pipeline/', ...PORTS],
      'The simulation lives on the pipeline as the jobs do: it has no rule of its own about care.',
    ),
    room('app', ['domain/'], 'The browser holds no rule and no secret: types and pure functions of domain alone.'),
    room(
      'analysis',
      ['domain/'],
      'The analysis is values in, values out: hand it the data set, the plan and the seed.',
    ),
    room(
      'report',
      [
        'domain/',
        'analysis/(cohort-data|estimate|plan|result[a-z-]*)\\.ts$',
        'pipeline/cohort/(manifest|blinding)\\.ts$',
      ],
      'The report says what the analysis found: it computes no statistic and reads no server.',
    ),
    room('embedded', ['domain/', 'content/'], 'The demonstration stands apart: the product never needs it.'),
    {
      name: 'only-composition-roots-choose-adapters',
      comment: 'Take a port as an argument; src/cli chooses its adapter.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/cli/', '^src/main\\.ts$'] },
      to: { path: '^src/cli/' },
    },
    door('fhir-kit-client', ['fhir-kit-client'], ['fhir/']),
    door('undici', ['undici'], ['fhir/']),
    door('ajv', ['ajv'], ['content/', 'config\\.ts$', 'registrations\\.ts$']),
    door('node-cron and pg-boss', ['node-cron', 'pg-boss'], ['jobs/']),
    door('express', ['express'], ['http/', 'embedded/']),
    door('openid-client', ['openid-client'], ['http/smart/']),
    door('nodemailer', ['nodemailer'], ['notify/']),
    door('the databases', ['pg'], ['state/']),
    door('the browser', ['react', 'react-dom', '@mantine', '@tanstack'], ['app/']),
    {
      name: 'apps-stand-apart',
      comment: 'The clinician’s app and the forms are loaded apart: put what both need beside them.',
      severity: 'error',
      from: { path: '^src/app/form/' },
      to: { path: '^src/app/clinician/' },
    },
    {
      name: 'server-sends-no-browser-code',
      comment: 'Only the build reads src/app; http serves what it made.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app/' },
      to: { path: '^src/app/' },
    },
    door('medplum', ['@medplum/'], ['embedded/']),
    door('statistics', ['ml-matrix', 'simple-statistics', 'pure-rand', '@stdlib/'], ['analysis/']),
    {
      name: 'domain-does-no-io',
      comment: 'No I/O, no clock, no randomness in domain: hand the value in.',
      severity: 'error',
      from: { path: '^src/(domain|analysis|report)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one thought: move what they share.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphan-types',
      comment: 'Nobody imports this file: remove it.',
      severity: 'warn',
      from: { orphan: true, path: '^src/', pathNot: ['^src/main\\.ts$', '\\.(css|html)$'] },
      to: {},
    },
    {
      name: 'product-needs-no-tests',
      comment: 'src never imports tests.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^tests/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.json', '.css'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
