// promptfoo's Nunjucks to our templates: `{{ name }}` becomes `{name}`; literal braces are doubled; logic has no equivalent and is listed.

const PIECE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|\{#[\s\S]*?#\}|[{}]/g;

export function convertTemplate(text: string, where: string, leftOut: string[]): string {
  return text.replaceAll(PIECE, (piece: string, name: string | undefined) => {
    if (name !== undefined) return `{${name}}`;
    if (piece === '{' || piece === '}') return piece + piece;
    if (!piece.startsWith('{#')) leftOut.push(`${where}: template logic "${piece.slice(0, 60)}"`);
    return '';
  });
}
