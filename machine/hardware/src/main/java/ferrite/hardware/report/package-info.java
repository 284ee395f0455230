/**
 * Results for people and programs: the report tree of an inspector, its text form, hexadecimal numbers, and violations
 * with their receiver. It uses nothing else of Ferrite. Every package may use it.
 */
package ferrite.hardware.report;
