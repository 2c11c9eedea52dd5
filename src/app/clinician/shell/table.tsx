import type { ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly head: ReactNode;
  readonly isNumber?: boolean;
  cell(row: Row): ReactNode;
}

export interface DataTableProps<Row> {
  /** What the table shows; read out, and seen only where `showCaption`. */
  readonly caption: string;
  readonly showCaption?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  keyOf(row: Row): string;
  /** Said where there is no row. */
  readonly empty?: ReactNode;
}

/** Rows and columns; on a narrow screen a card for each row, each value with its column's name. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, showCaption = false, columns, rows, keyOf, empty } = props;
  if (rows.length === 0 && empty !== undefined) return <p className="quiet">{empty}</p>;
  return (
    // Roles are named because cards take a table's display away, and with it its roles in some browsers.
    // biome-ignore-start lint/a11y/noRedundantRoles: see above
    <table className={styles.table} role="table">
      <caption className={showCaption ? styles.caption : 'visually-hidden'}>{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((it) => (
            <th
              key={it.key}
              scope="col"
              role="columnheader"
              className={it.isNumber === true ? styles.number : undefined}
            >
              {it.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map((it) => (
              <td key={it.key} role="cell" className={it.isNumber === true ? styles.number : undefined}>
                <span className={styles.label} aria-hidden="true">
                  {it.head}
                </span>
                <span>{it.cell(row)}</span>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above
  );
}
