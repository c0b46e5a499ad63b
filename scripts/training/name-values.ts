// Values for generated sentences: persons, places, addresses, companies as people of many countries write them.
import type { NameLists } from './name-lists.ts';
import type { Random } from './random.ts';

const STREET_ENDS = [
  'Street',
  'St',
  'Road',
  'Rd',
  'Avenue',
  'Ave',
  'Lane',
  'Drive',
  'Dr',
  'Close',
  'Way',
  'Court',
  'Place',
  'Square',
  'Terrace',
  'Boulevard',
  'Crescent',
  'Gateway',
  'Pass',
  'Union',
  'Fort',
  'Squares',
  'Junction',
  'Heights',
  'Hill',
  'Circle',
  'Ridge',
  'Trail',
  'Mews',
  'Parkway',
  'Walk',
  'Gardens',
  'straat',
  'laan',
  'weg',
  'gatan',
  'vägen',
  'gata',
  'utca',
  'u.',
  'út',
  'tér',
  'terrasse',
  'Allé',
  'Plads',
  'Pl',
  'Cres',
  'kapu',
];
const STREET_STARTS = [
  'Rue',
  'Rue de',
  'Rue de la',
  'Rue du',
  'Avenue',
  'Boulevard',
  'Via',
  'Viale',
  'Vicolo',
  'Piazza',
  'Calle',
  'Avenida',
  'Rua',
  'Rua da',
  'Rua do',
  'Travessa',
  'Quinta',
  'Camino',
  'Paseo',
  'ul.',
  'ulica',
  'al.',
  'Cité',
  'Quai',
  'Chemin',
  'Strada',
  'Corso',
  'Place',
];
const GLUED_ENDS = [
  'straße',
  'strasse',
  'weg',
  'gasse',
  'platz',
  'straat',
  'laan',
  'gatan',
  'vägen',
  'gata',
  'vegen',
  'veien',
  'vej',
  'gade',
  'katu',
  'tie',
  'kuja',
  'stræti',
  'straeti',
  'braut',
  'ova',
  'ská',
  'ska',
  'gård',
  'bakken',
  'stien',
];
const COMPANY_ENDS = [
  'Inc',
  'Inc.',
  'LLC',
  'Ltd',
  'Ltd.',
  'Group',
  'Corporation',
  'Corp',
  'Company',
  'Co.',
  'PLC',
  'GmbH',
  'AG',
  'and Sons',
  'Holdings',
  'Partners',
  'Bank',
  'Insurance',
  'Software',
  'Systems',
  'Solutions',
  'Technologies',
  'Incorporated',
  'Agency',
  'Capital',
  'Health',
  'Labs',
  'Energy',
  'Media',
  'Global',
  'Analytics',
  'Research',
  'Insights',
  'Foundation',
  'Airlines',
  'University',
  'Hospital',
  'Finance',
];
const COINED = [
  'med',
  'health',
  'data',
  'net',
  'zen',
  'nova',
  'lumi',
  'tech',
  'quant',
  'credit',
  'fin',
  'geo',
  'bio',
  'cyber',
  'aqua',
  'ver',
  'alt',
  'cap',
  'pay',
  'path',
  'wise',
  'ly',
  'ify',
  'iq',
  'io',
  'ex',
  'ia',
  'ous',
  'ora',
  'trax',
  'soft',
  'metrics',
  'source',
  'point',
  'link',
  'mind',
  'graph',
  'pedia',
  'spire',
  'tron',
  'cast',
  'lytics',
];

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Makes values of each kind, from lists. */
export class NameValues {
  readonly #lists: NameLists;
  readonly #random: Random;
  readonly #words: readonly string[];

  constructor(lists: NameLists, random: Random) {
    this.#lists = lists;
    this.#random = random;
    this.#words = [...lists.common].filter((word) => word.length >= 4 && word.length <= 10);
  }

  first(): string {
    return this.#cased(this.#random.pick(this.#lists.first), 0.06);
  }
  last(): string {
    return this.#cased(this.#random.pick(this.#lists.last), 0.05);
  }
  person(): string {
    const random = this.#random;
    const first = random.pick(this.#lists.first);
    const last = random.pick(this.#lists.last);
    const form = random.next();
    const name =
      form < 0.6
        ? `${first} ${last}`
        : form < 0.78
          ? `${first} ${String.fromCharCode(65 + random.below(26))}${random.chance(0.6) ? '.' : ''} ${last}`
          : form < 0.84
            ? `${first} ${last} ${random.pick(this.#lists.last)}`
            : form < 0.87
              ? `${first.charAt(0)}. ${last}`
              : form < 0.9
                ? `${first} ${last}-${random.pick(this.#lists.last)}`
                : form < 0.93
                  ? `${first} ${last} ${random.pick(['II', 'Jr.', 'Jr', 'III', 'MD', 'DDS', 'PhD'])}`
                  : form < 0.95
                    ? `${random.pick(['Mr.', 'Mrs.', 'Ms.', 'Dr.'])} ${first} ${last} ${random.pick(['MD', 'DDS', 'PhD', 'Jr.'])}`
                    : form < 0.98
                      ? first
                      : last;
    return this.#cased(name, 0.06);
  }
  city(): string {
    const city = this.#random.pick(this.#lists.cities);
    if (this.#random.chance(0.12)) return city.toUpperCase();
    return this.#cased(city, 0.08);
  }
  country(): string {
    return this.#cased(this.#random.pick(this.#lists.countries), 0.05);
  }
  demonym(): string {
    return this.#cased(this.#random.pick(this.#lists.demonyms), 0.12);
  }
  job(): string {
    return this.#random.chance(0.3)
      ? capital(this.#random.pick(this.#lists.jobs))
      : this.#random.pick(this.#lists.jobs);
  }
  organization(): string {
    const random = this.#random;
    const last = (): string => random.pick(this.#lists.last);
    const word = (): string => capital(random.pick(this.#words));
    const form = random.next();
    const name =
      form < 0.12
        ? random.pick(this.#lists.organizations)
        : form < 0.24
          ? `${last()}, ${last()} and ${last()}`
          : form < 0.34
            ? `${last()}-${last()}`
            : form < 0.44
              ? `${last()} ${random.pick(COMPANY_ENDS)}`
              : form < 0.56
                ? `${word()} ${random.pick(COMPANY_ENDS)}`
                : form < 0.66
                  ? `${word()} ${word()}`
                  : form < 0.72
                    ? `${word()} ${word()} ${random.pick(COMPANY_ENDS)}`
                    : form < 0.9
                      ? capital(this.#coined()) + (random.chance(0.2) ? ` ${random.pick(COMPANY_ENDS)}` : '')
                      : form < 0.95
                        ? capital(random.pick(this.#words)) + capital(random.pick(this.#words))
                        : `${this.city()} ${random.pick(COMPANY_ENDS)}`;
    return this.#cased(name, 0.05);
  }
  street(): string {
    const random = this.#random;
    const stem = this.#stem();
    const form = random.next();
    const street =
      form < 0.5
        ? `${stem} ${random.pick(STREET_ENDS)}`
        : form < 0.68
          ? `${random.pick(STREET_STARTS)} ${stem}`
          : form < 0.9
            ? `${stem.split(' ')[0] as string}${random.pick(GLUED_ENDS)}`
            : stem;
    return this.#cased(street, 0.08);
  }
  house(): string {
    const number = this.digits(1 + this.#random.below(5));
    return this.#random.chance(0.06) ? `${number}${this.#random.pick(['A', 'B', 'a', 'b', '.'])}` : number;
  }
  unit(): string {
    return `${this.#random.pick(['Suite', 'Apt.', 'Apt', 'Unit', 'Flat', 'Room', 'suite', 'apt.'])} ${this.digits(1 + this.#random.below(3))}`;
  }
  zip(): string {
    const random = this.#random;
    const form = random.next();
    if (form < 0.65) return this.digits(3 + random.below(3));
    if (form < 0.75) return `${this.digits(5)}-${this.digits(random.chance(0.5) ? 4 : 3)}`;
    if (form < 0.82) return `${this.digits(3)} ${this.digits(2)}`;
    const letter = (): string => String.fromCharCode(65 + random.below(26));
    return random.chance(0.5)
      ? `${letter()}${letter()}${this.digits(1)} ${this.digits(1)}${letter()}${letter()}`
      : `${letter()}${this.digits(1)}${letter()} ${this.digits(1)}${letter()}${this.digits(1)}`;
  }
  address(): string {
    const random = this.#random;
    const form = random.next();
    if (form < 0.08)
      return `${random.pick([`PSC ${this.digits(4)}, Box ${this.digits(4)}`, `Unit ${this.digits(4)} Box ${this.digits(4)}`, `P.O. Box ${this.digits(4)}`, `USS ${this.last()}`])}\n${random.pick(['APO', 'FPO', 'DPO'])} ${random.pick(['AA', 'AE', 'AP'])} ${this.digits(5)}`;
    if (form < 0.13) return `the corner of ${this.#line()} and ${this.street()}`;
    const line = this.#line();
    if (form < 0.4) return line;
    const gap = random.pick([', ', '\n', '\n ', ' ', ', ']);
    const unit = random.chance(0.6)
      ? `${gap.startsWith('\n') || random.chance(0.5) ? gap : ' '}${this.unit()}`
      : '';
    const end = random.chance(0.7)
      ? `${gap}${random.chance(0.8) ? this.country() : this.#lists.cities[random.below(500)]}`
      : '';
    return `${line}${unit}${gap}${this.city()}${end}${random.chance(0.5) ? ` ${this.zip()}` : ''}`;
  }
  digits(count: number): string {
    let digits = '';
    while (digits.length < count) digits += String(this.#random.below(10));
    return digits;
  }
  year(): string {
    return String(1900 + this.#random.below(130));
  }

  #line(): string {
    const random = this.#random;
    const numberFirst = random.chance(0.55);
    const extra = random.chance(0.3) ? `${this.digits(3 + random.below(3))} ` : '';
    return extra + (numberFirst ? `${this.house()} ${this.street()}` : `${this.street()} ${this.house()}`);
  }
  #stem(): string {
    const random = this.#random;
    const form = random.next();
    if (form < 0.3) return random.pick(this.#lists.last);
    if (form < 0.5) return random.pick(this.#lists.cities);
    if (form < 0.65) return `${random.pick(this.#lists.first)} ${random.pick(this.#lists.last)}`;
    if (form < 0.8) return random.pick(this.#lists.streets);
    return capital(random.pick(this.#words));
  }
  #coined(): string {
    const random = this.#random;
    const start = random.chance(0.5) ? random.pick(this.#words) : random.pick(COINED);
    return start + random.pick(COINED) + (random.chance(0.2) ? random.pick(COINED) : '');
  }
  #cased(value: string, probability: number): string {
    if (!this.#random.chance(probability)) return value;
    return this.#random.chance(0.75) ? value.toLowerCase() : value.toUpperCase();
  }
}
