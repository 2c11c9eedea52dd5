/** What was typed, read: a value, nothing, or why it is neither. */
export type Reading<T, Fault = string> = { readonly value: T } | { readonly empty: true } | { readonly fault: Fault };
