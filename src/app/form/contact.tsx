import type { ContactView, CrisisView, ReadingView } from '../../domain/view/form-view.ts';
import { useAround } from './around.ts';
import { fill } from './render/render-words.ts';

/** Who reads the answers, and by when where the site has said so. */
export function Reading({ reading: { who, byWhen } }: { readonly reading: ReadingView }) {
  const { words, say } = useAround();
  return (
    <>
      {fill(words.start.reads, { who: say(who) })}
      {byWhen !== undefined && `, ${say(byWhen)}`}
    </>
  );
}

/** Whom to call: a number that can be touched. Where the site has said nothing: that nobody reads at once. */
export function Contact({ title, contact }: { readonly title: string; readonly contact: ContactView | undefined }) {
  const { words } = useAround();
  return (
    <section className="notice" aria-label={title}>
      <p>
        <strong>{title}</strong>
      </p>
      <p>{contact === undefined ? words.start.noContact : <ContactText contact={contact} />}</p>
    </section>
  );
}

function ContactText({ contact: { text, phone } }: { readonly contact: ContactView }) {
  const { say } = useAround();
  const said = say(text);
  if (phone === undefined) return said;
  const called = <a href={`tel:${phone.replaceAll(/[^+\d]/g, '')}`}>{phone}</a>;
  return said.includes(phone) ? (
    <>
      {said.slice(0, said.indexOf(phone))}
      {called}
      {said.slice(said.indexOf(phone) + phone.length)}
    </>
  ) : (
    <>
      {said} {called}
    </>
  );
}

/** Shown at once where an answer asks for it, and read out; the site's own words. */
export function Crisis({ crisis }: { readonly crisis: CrisisView }) {
  const { say } = useAround();
  return (
    <div className="notice danger" role="alert">
      <p>{say(crisis.text)}</p>
      {crisis.contacts.map((it) => (
        <p key={it.phone ?? it.text.en}>
          <ContactText contact={it} />
        </p>
      ))}
    </div>
  );
}
