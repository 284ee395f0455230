/**
 * A corpus of broken drivers, each with its corrected twin. Every story is a mistake that drivers really make, carried
 * out on a whole machine; the test asks that the mistake is reported by its rule, and the twin by none.
 */
package ferrite.scenarios.corpus;
