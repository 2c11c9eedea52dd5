/** What two exports must have in common before their patients are analysed together. */
export interface ExportOrigin {
  /** Name of the export as given by who pools, for the refusal. */
  readonly name: string;
  /** Digest of the whole export: the same one twice would count its patients twice. */
  readonly digest: string;
  /** Digest of instruments and scoring keys. */
  readonly content: string;
  /** Digest of the analysis plan. */
  readonly plan: string;
  /** Version of the visit windows. */
  readonly windows: string;
}

/** Why an export cannot be pooled with the first one. */
export interface PoolingRefusal {
  readonly name: string;
  readonly differs: 'content' | 'plan' | 'windows' | 'given-twice';
}

/** Every reason why these exports cannot be pooled; none means that they can. The first export is what others are held to. */
export function poolingRefusals(exports: readonly ExportOrigin[]): PoolingRefusal[] {
  const [first, ...others] = exports;
  if (first === undefined) return [];
  const seen = new Set([first.digest]);
  return others.flatMap((it): PoolingRefusal[] => {
    const { name } = it;
    if (seen.has(it.digest)) return [{ name, differs: 'given-twice' }];
    seen.add(it.digest);
    return (['content', 'plan', 'windows'] as const).flatMap((differs) =>
      it[differs] === first[differs] ? [] : [{ name, differs }],
    );
  });
}
