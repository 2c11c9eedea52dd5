import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import { connectFhir } from '../fhir/connect.ts';
import type { HttpOptions } from '../http/http-options.ts';
import type { Registration } from '../http/smart/registration.ts';
import type { SmartOptions } from '../http/smart/smart.ts';
import { readRegistrations } from '../registrations.ts';
import { CommandError, EXIT } from './exit.ts';

const APP = fileURLToPath(new URL('../../dist/app', import.meta.url));

/** How the app is launched by this configuration; nothing where no server is registered. @throws CommandError, RegistrationsError */
export async function smartOf(config: Config): Promise<Partial<HttpOptions>> {
  const { SMART_REGISTRATIONS_FILE: file, PUBLIC_URL: publicUrl } = config;
  if (file === undefined) return {};
  if (publicUrl === undefined)
    throw new CommandError(
      'PUBLIC_URL: required beside SMART_REGISTRATIONS_FILE: the hospital sends browsers back there.',
      EXIT.usage,
    );
  return launchable(config, await readRegistrations(file), publicUrl.replace(/\/+$/, ''), false);
}

/** The app for these registrations, with its built pages. @throws CommandError where they were not built */
export function launchable(
  config: Config,
  registrations: readonly Registration[],
  publicUrl: string,
  isDemonstration: boolean,
): { readonly smart: SmartOptions; readonly appFolder: string } {
  if (!existsSync(APP)) throw new CommandError('The browser apps are not built: run `npm run build`.', EXIT.usage);
  return {
    appFolder: APP,
    smart: {
      registrations,
      publicUrl,
      isDemonstration,
      times: { idleMs: config.SESSION_IDLE_MINUTES * 60_000, longestMs: config.SESSION_HOURS * 3_600_000 },
      connect: (baseUrl, credentials) =>
        connectFhir({
          baseUrl,
          auth: { kind: 'supplied', credentials },
          timeoutMs: config.INTAKE_TIMEOUT_MS,
          retry: { attempts: 2 },
          largestAnswer: config.FHIR_MAX_ANSWER_MB * 1_000_000,
        }),
    },
  };
}
