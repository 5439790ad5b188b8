/**
 * What an expression of the sources can say, as templates with numbered places: `"a ${b}"` says `a {0}`.
 * Conditions say each of their ways, a parameter what every caller gives for it, and a call what the
 * function returns, so that a message that several functions build together comes out as whole sentences.
 */
import { SymbolFlags, type Checker, type Symbol } from "typescript/unstable/sync";
import { SyntaxKind, type ArrowFunction, type CallExpression, type Expression, type FunctionDeclaration, type Identifier, type MethodDeclaration, type Node, type ParameterDeclaration, type SourceFile } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";

/** A piece of a template: words of ours, or a place with the source of what stands in it. */
export type Piece = string | { readonly source: string };
export type Template = readonly Piece[];

/** Deeper than this, what a helper's helper says is a place. */
const MAX_DEPTH = 12;
/** Nobody could translate more. */
const MAX_WAYS = 400;

const normal = (pieces: Template): Template =>
  pieces.reduce<Piece[]>((all, piece) => {
    const last = all.at(-1);
    if (typeof piece === "string" && typeof last === "string") all[all.length - 1] = last + piece;
    else if (piece !== "") all.push(piece);
    return all;
  }, []);

const product = (left: readonly Template[], right: readonly Template[]): Template[] => left.flatMap((a) => right.map((b) => normal([...a, ...b])));

export const written = (template: Template): string => {
  let places = 0;
  return template.map((piece) => (typeof piece === "string" ? piece : `{${places++}}`)).join("");
};

/** At least two letters in a row outside of the places: something that a language says differently. */
export const saysWords = (template: Template): boolean => template.some((piece) => typeof piece === "string" && /\p{L}{2}/u.test(piece));

export class Wording {
  /** Calls by the name of what they call. */
  private readonly calls = new Map<string, CallExpression[]>();
  private readonly symbols = new Map<Node, Symbol | undefined>();

  constructor(
    private readonly checker: Checker,
    readonly files: readonly SourceFile[],
  ) {
    for (const file of files) {
      each(file, (node) => {
        if (!is.isCallExpression(node)) return;
        const name = nameOf(node.expression);
        if (name !== undefined) this.calls.set(name.text, [...(this.calls.get(name.text) ?? []), node]);
      });
    }
  }

  /** Everything that the expression can say. */
  of(expression: Expression | undefined, depth = 0): Template[] {
    if (expression === undefined) return [[]];
    const place: Template[] = [[{ source: textOf(expression) }]];
    if (depth > MAX_DEPTH) return place;
    const ways = this.ways(expression, depth + 1);
    // Silence would hide them all.
    if (ways !== undefined && ways.length > MAX_WAYS) throw new Error(`${expression.getSourceFile().fileName}: more than ${MAX_WAYS} ways to say ${textOf(expression)}`);
    return ways ?? place;
  }

  /** Undefined for what is not said by the sources. */
  private ways(node: Expression, depth: number): Template[] | undefined {
    if (is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node)) return [[node.text]];
    if (is.isParenthesizedExpression(node) || is.isAsExpression(node) || is.isNonNullExpression(node) || is.isSatisfiesExpression(node)) return this.of(node.expression, depth);
    if (is.isTemplateExpression(node)) {
      return node.templateSpans.reduce((all, span) => product(product(all, this.inner(span.expression, depth)), [[span.literal.text]]), [[node.head.text]] as Template[]);
    }
    if (is.isConditionalExpression(node)) return [...this.of(node.whenTrue, depth), ...this.of(node.whenFalse, depth)];
    if (is.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind === SyntaxKind.QuestionQuestionToken || kind === SyntaxKind.BarBarToken) return [...this.of(node.left, depth), ...this.of(node.right, depth)];
      // A sum of numbers is a number.
      const [left, right] = kind === SyntaxKind.PlusToken ? [this.inner(node.left, depth), this.inner(node.right, depth)] : [[], []];
      return [...left, ...right].some(saysWords) ? product(left, right) : undefined;
    }
    if (is.isElementAccessExpression(node) || is.isPropertyAccessExpression(node)) return this.values(node, depth);
    if (is.isIdentifier(node)) return this.named(node, depth);
    if (is.isArrayLiteralExpression(node)) return node.elements.flatMap((one) => this.of(is.isSpreadElement(one) ? one.expression : one, depth));
    if (is.isCallExpression(node)) return this.ofList(node, depth) ?? this.returned(node, depth);
    return undefined;
  }

  /**
   * In the midst of a sentence, what is not said right there and is a single word at most is a place:
   * the name of an option, a file or a field. So is a size with its unit.
   */
  private inner(node: Expression, depth: number): Template[] {
    const place: Template = [{ source: textOf(node) }];
    const ways = this.of(node, depth);
    if (here(node)) return ways.length === 0 ? [place] : distinct(ways);
    const sentences = ways.filter((way) => way.some((piece) => typeof piece === "string" && /\s/.test(piece) && /\p{Ll}{2}/u.test(piece)));
    if (sentences.length === 0) return [place];
    return distinct(ways.map((way) => (sentences.includes(way) || way.every((piece) => piece === "") ? way : place)));
  }

  /** Of a table: `REASONS[code]` says each of the reasons, `WORDS.a` one. */
  private values(node: Node & { readonly expression: Expression }, depth: number): Template[] | undefined {
    const table = is.isIdentifier(node.expression) ? this.initializer(node.expression) : bare(node.expression);
    if (table === undefined || !is.isObjectLiteralExpression(table)) return undefined;
    const wanted = is.isPropertyAccessExpression(node) ? node.name.text : undefined;
    const values = table.properties.flatMap((one) => (is.isPropertyAssignment(one) && (wanted === undefined || nameText(one.name) === wanted) ? this.of(one.initializer, depth) : []));
    return values.length === 0 ? undefined : values;
  }

  private named(node: Identifier, depth: number): Template[] | undefined {
    if (node.text === "undefined") return [];
    const declared = this.declaration(node);
    if (declared === undefined) return undefined;
    if (is.isVariableDeclaration(declared)) {
      if (declared.initializer === undefined || !is.isIdentifier(declared.name)) return undefined;
      return this.of(declared.initializer, depth);
    }
    return is.isParameterDeclaration(declared) && is.isIdentifier(declared.name) ? this.given(declared, depth) : undefined;
  }

  /** What callers give for a parameter. */
  private given(parameter: ParameterDeclaration, depth: number): Template[] | undefined {
    const holder = parameter.parent;
    if (!("parameters" in holder)) return undefined;
    const at = (holder.parameters as readonly Node[]).indexOf(parameter);
    const name = is.isFunctionDeclaration(holder) || is.isMethodDeclaration(holder) ? holder : is.isArrowFunction(holder) && is.isVariableDeclaration(holder.parent) ? holder.parent : undefined;
    if (name?.name === undefined || !("text" in name.name)) return undefined;
    const said: Template[] = [];
    for (const call of this.calls.get(name.name.text) ?? []) {
      const called = nameOf(call.expression);
      if (called === undefined || this.declaration(called) !== name) continue;
      const argument = call.arguments[at] ?? parameter.initializer;
      said.push(...this.of(argument, depth));
    }
    return distinct(said);
  }

  /** `list.filter(…)` says what the list says, `list.map((one) => …)` what the function does. */
  private ofList(node: CallExpression, depth: number): Template[] | undefined {
    if (!is.isPropertyAccessExpression(node.expression)) return undefined;
    const method = node.expression.name.text;
    if (method === "filter") return this.of(node.expression.expression, depth);
    const [made] = node.arguments;
    return (method === "map" || method === "flatMap") && made !== undefined && is.isArrowFunction(made) ? this.returnedBy(made, depth) : undefined;
  }

  /** What a function of ours returns, where that is words and not just a value. */
  private returned(node: CallExpression, depth: number): Template[] | undefined {
    const name = nameOf(node.expression);
    let declared: Node | undefined = name === undefined ? undefined : this.declaration(name);
    if (declared !== undefined && is.isVariableDeclaration(declared)) declared = declared.initializer;
    if (declared === undefined || !(is.isFunctionDeclaration(declared) || is.isArrowFunction(declared) || is.isMethodDeclaration(declared)) || declared.body === undefined) return undefined;
    return this.returnedBy(declared, depth);
  }

  private returnedBy(declared: FunctionDeclaration | ArrowFunction | MethodDeclaration, depth: number): Template[] | undefined {
    const said: Template[] = [];
    const { body } = declared;
    if (body === undefined) return undefined;
    if (!is.isBlock(body)) said.push(...this.of(body as Expression, depth));
    else {
      each(body, (one) => {
        if (is.isReturnStatement(one) && functionAround(one) === declared) said.push(...this.of(one.expression, depth));
      });
    }
    return said.some(saysWords) ? distinct(said) : undefined;
  }

  private initializer(node: Expression): Expression | undefined {
    const declared = this.declaration(node);
    return declared !== undefined && is.isVariableDeclaration(declared) ? bare(declared.initializer) : undefined;
  }

  /** Through imports to where it is declared, in the files at hand. */
  private declaration(node: Node): Node | undefined {
    if (!this.symbols.has(node)) this.symbols.set(node, this.checker.getSymbolAtLocation(node));
    let symbol = this.symbols.get(node);
    if (symbol !== undefined && (symbol.flags & SymbolFlags.Alias) !== 0) symbol = this.checker.getAliasedSymbol(symbol);
    return symbol?.valueDeclaration?.resolve();
  }
}

export function each(node: Node, visit: (node: Node) => void): void {
  node.forEachChild((child) => {
    visit(child);
    each(child, visit);
    return undefined;
  });
}

/** The name that a call calls by, also of `this.name()` and `a.name()`. */
export function nameOf(called: Expression): (Expression & { readonly text: string }) | undefined {
  if (is.isIdentifier(called)) return called;
  return is.isPropertyAccessExpression(called) && (is.isIdentifier(called.name) || is.isPrivateIdentifier(called.name)) ? called.name : undefined;
}

export const textOf = (node: Node): string => node.getText();

const bare = (node: Expression | undefined): Expression | undefined => (node !== undefined && (is.isAsExpression(node) || is.isSatisfiesExpression(node) || is.isParenthesizedExpression(node)) ? bare(node.expression) : node);
const nameText = (name: Node): string | undefined => ("text" in name ? String(name.text) : undefined);
/** Said where it stands, and not named there. */
const here = (node: Expression): boolean => is.isConditionalExpression(node) || is.isBinaryExpression(node) || is.isTemplateExpression(node) || is.isStringLiteral(node) || is.isNoSubstitutionTemplateLiteral(node) || (is.isParenthesizedExpression(node) && here(node.expression));
const distinct = (ways: readonly Template[]): Template[] => [...new Map(ways.map((way) => [JSON.stringify(way), way])).values()];

function functionAround(node: Node): Node | undefined {
  let at: Node | undefined = node.parent;
  while (at !== undefined && !is.isFunctionDeclaration(at) && !is.isArrowFunction(at) && !is.isMethodDeclaration(at) && !is.isFunctionExpression(at)) at = at.parent;
  return at;
}
