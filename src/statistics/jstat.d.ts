// Types of the parts of jstat that are used; the package brings none.
declare module 'jstat' {
  interface Distribution {
    cdf(x: number, ...parameters: number[]): number;
    inv(p: number, ...parameters: number[]): number;
  }
  const jstat: {
    readonly chisquare: Distribution;
    readonly studentt: Distribution;
    readonly beta: Distribution;
    readonly normal: Distribution;
  };
  export default jstat;
}
