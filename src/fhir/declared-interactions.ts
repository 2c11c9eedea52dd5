import type { FhirResource } from 'fhir/r4.js';
import { FhirError } from './port.ts';

/** What servers answer that do not know an interaction: always, or by their own statement. */
const UNSUPPORTED: ReadonlySet<number> = new Set([405, 501]);
const PERHAPS_UNSUPPORTED: ReadonlySet<number> = new Set([400, 403, 404, 422]);

/** What the server’s own statement says about batch and transaction, asked for once, where a refusal calls for it. */
export class DeclaredInteractions {
  readonly #metadata: () => Promise<FhirResource>;
  #declared: readonly string[] | undefined;

  constructor(metadata: () => Promise<FhirResource>) {
    this.#metadata = metadata;
  }

  /** Whether the failure means that the server knows no such interaction: by its status, or by its own statement. */
  async lacks(interaction: 'batch' | 'transaction', error: unknown): Promise<boolean> {
    if (!(error instanceof FhirError) || error.status === undefined) return false;
    if (UNSUPPORTED.has(error.status)) return true;
    if (!PERHAPS_UNSUPPORTED.has(error.status)) return false;
    const declared = await this.#interactions();
    return declared === undefined || declared.includes(interaction)
      ? false
      : declared.length > 0 || error.status === 404;
  }

  /** System interactions; `undefined` where the server gives no statement. */
  async #interactions(): Promise<readonly string[] | undefined> {
    if (this.#declared !== undefined) return this.#declared;
    const statement = await this.#metadata().catch(() => undefined);
    if (statement?.resourceType !== 'CapabilityStatement') return undefined;
    this.#declared = statement.rest?.[0]?.interaction?.map((it) => it.code) ?? [];
    return this.#declared;
  }
}
