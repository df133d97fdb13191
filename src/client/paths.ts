export function pathOf(id: string): string {
  return `/execute/processes/${encodeURIComponent(id)}`;
}
