// Logic-less templates: `{name}` is replaced by a value, `{{` and `}}` are literal braces, nothing else has a meaning. Values are put in
// as they are and never read as templates again. A template is compiled once and rendered by joining strings.

/** A compiled template: literal text and variable names in turn, as `literals[0] names[0] literals[1] …`. */
export interface Template {
  /** One more than `names`. */
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** What is wrong with a template, and where (UTF-16 offset in its text). */
export interface TemplateFault {
  readonly fault: string;
  readonly offset: number;
}

const BRACES = /\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,99})\}|[{}]/g;

/** Compiles a template; a brace that is neither doubled nor around a name is a fault. */
export function compileTemplate(text: string): Template | TemplateFault {
  const literals: string[] = [];
  const names: string[] = [];
  let literal = '';
  let read = 0;
  for (const match of text.matchAll(BRACES)) {
    literal += text.slice(read, match.index);
    read = match.index + match[0].length;
    if (match[1] !== undefined) {
      literals.push(literal);
      names.push(match[1]);
      literal = '';
    } else if (match[0].length === 2) {
      literal += match[0][0] as string;
    } else {
      return { fault: loneBrace(text, match.index), offset: match.index };
    }
  }
  literals.push(literal + text.slice(read));
  return { literals, names };
}

function loneBrace(text: string, offset: number): string {
  const line = text.slice(0, offset).split('\n').length;
  const brace = text[offset] as string;
  const near = text.slice(offset, offset + 20).split('\n')[0] as string;
  return `a single "${brace}" on line ${line} of the text (at "${near}"): write {name} for a variable and "${brace}${brace}" for a literal brace`;
}

/** Whether compiling failed. */
export function isTemplateFault(compiled: Template | TemplateFault): compiled is TemplateFault {
  return 'fault' in compiled;
}

/** Joins the template with values; `valueOf` gives the value of each name in turn. */
export function joinTemplate(template: Template, valueOf: (name: string) => string): string {
  const { literals, names } = template;
  let text = literals[0] as string;
  for (let index = 0; index < names.length; index += 1) {
    text += valueOf(names[index] as string) + (literals[index + 1] as string);
  }
  return text;
}
