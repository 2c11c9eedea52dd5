/* A page with Smart Forms' renderer alone: `show` draws a Questionnaire with answers, `answers` reads it back. */
import {
  BaseRenderer,
  buildForm,
  getResponse,
  RendererThemeProvider,
  useRendererQueryClient,
} from '@aehrc/smart-forms-renderer';
import { QueryClientProvider } from '@tanstack/react-query';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';

function Form() {
  const client = useRendererQueryClient();
  const inside = createElement(RendererThemeProvider, null, createElement(BaseRenderer));
  return createElement(QueryClientProvider, { client }, inside);
}

let root;
globalThis.show = async (questionnaire, questionnaireResponse) => {
  await buildForm({ questionnaire, questionnaireResponse });
  root ??= createRoot(document.getElementById('root'));
  root.render(createElement(Form));
};
globalThis.answers = () => getResponse();
globalThis.isReady = true;
