import { Button } from '@mantine/core';
import { useNavigation } from '../navigation.tsx';
import page from '../page.module.css';
import { useReader } from '../reader.ts';

/** From page to page; which one stands in the address. */
export function Paging({ page: at, pages }: { readonly page: number; readonly pages: number }) {
  const { words, format } = useReader();
  const navigation = useNavigation();
  if (pages <= 1) return null;
  const go = (to: number) => {
    navigation.filter({ page: to === 1 ? '' : String(to) });
    scrollTo(0, 0);
  };
  return (
    <div className={`${page.actions} ${page.paging} no-print`}>
      <Button variant="default" disabled={at <= 1} onClick={() => go(at - 1)}>
        {words.worklist.previous}
      </Button>
      <span>{words.worklist.page(format.number(at), format.number(pages))}</span>
      <Button variant="default" disabled={at >= pages} onClick={() => go(at + 1)}>
        {words.worklist.next}
      </Button>
    </div>
  );
}
