import { startEmbedded } from '../../../src/embedded/server/start-embedded.ts';

// A server in a process of its own, for the test that kills it: says its address and runs on.
const file = process.argv[2];
if (file === undefined) throw new Error('a file is needed');
const server = await startEmbedded({ file });
process.stdout.write(`${server.baseUrl}\n`);
