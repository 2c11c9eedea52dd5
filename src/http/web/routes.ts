import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Request, Response } from 'express';
import { refusal } from '../refusal.ts';
import type { Route } from '../route.ts';
import type { RouteParts } from '../route-parts.ts';
import { setPagePolicy } from './page-policy.ts';

const HTML = 'text/html';
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** The pages of the browser apps and their files. The page names a launch; what it shows comes from `/api` alone. */
export function webRoutes({ options, smart }: RouteParts): Route[] {
  const { appFolder } = options;
  if (appFolder === undefined || smart === undefined) return [];
  const page = (path: string, app: 'clinician' | 'form', summary: string): Route => ({
    method: 'get',
    path,
    summary,
    access: 'public',
    answers: { 200: 'The page, without anything of anybody' },
    produces: HTML,
    handle: (_request, response) => {
      setPagePolicy(response, smart.frameAncestors);
      return sendFile(response, join(appFolder, app, 'index.html'), 'no-cache');
    },
  });
  return [
    page('/app', 'clinician', 'The clinician’s app, before a launch'),
    page('/app/*place', 'clinician', 'The clinician’s app'),
    page('/form', 'form', 'The forms, before a launch'),
    page('/form/*place', 'form', 'The forms that people fill in'),
    {
      method: 'get',
      path: '/assets/:file',
      summary: 'Scripts and styles, with a digest in the name',
      access: 'public',
      answers: { 200: 'The file', 404: 'None of that name' },
      produces: 'application/octet-stream',
      handle: (request, response) => asset(request, response, appFolder),
    },
  ];
}

function asset(request: Request, response: Response, folder: string): Promise<void> {
  const name = String(request.params.file);
  const file = join(folder, 'assets', basename(name));
  if (!NAME.test(name) || !existsSync(file)) throw refusal(404, 'not-found', 'not-found', 'There is no such file.');
  return sendFile(response, file, 'public, max-age=31536000, immutable');
}

const sendFile = (response: Response, file: string, cache: string): Promise<void> =>
  new Promise((resolve, reject) => {
    response.set('Cache-Control', cache);
    response.sendFile(file, { cacheControl: false, dotfiles: 'deny' }, (error?: Error) =>
      error === undefined ? resolve() : reject(error),
    );
  });
