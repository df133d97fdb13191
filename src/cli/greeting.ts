import { DEFAULT_URL } from './settings.ts';

export interface Greeted {
  readonly url: string;
  /** Of the tenant demo, good for 24 h. */
  readonly token: string;
}

/** What a server that has just been started for a person says: calls that work when they are pasted. */
export function greeting({ url, token }: Greeted): string {
  const at = url === DEFAULT_URL ? '' : ` --url ${url}`;
  return `
Coracle listens on ${url} (API: ${url}/docs). A token for the tenant "demo", good for 24 h:

${token}

Run something, then look at it:

curl -s ${url}/execute/background -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' -d '{"code": "print(6 * 7)"}'

curl -s ${url}/execute/processes -H 'Authorization: Bearer ${token}'

The same on the command line, in this folder:

npx coracle run${at} -c 'print(6 * 7)'

npx coracle ps${at}

`;
}
