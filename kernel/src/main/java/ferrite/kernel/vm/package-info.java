/**
 * The address spaces of programs: {@code mm_struct}, areas, page faults and copy on write, copies to and from programs,
 * and pages that drivers pin. It may use {@code mm} and the floors below.
 */
package ferrite.kernel.vm;
