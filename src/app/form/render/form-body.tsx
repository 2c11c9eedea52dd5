import { FormItems, type FormItemsProps } from './question.tsx';
import styles from './render.module.css';

/** A whole form on one page. */
export function FormBody(props: FormItemsProps) {
  return (
    <div className={styles.stack}>
      <FormItems {...props} />
    </div>
  );
}
