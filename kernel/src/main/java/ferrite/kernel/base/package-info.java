/**
 * The ground floor: error numbers, allocation flags, lists, spinlocks, text addresses, and the records that every floor
 * reads. It imports no other package of the kernel.
 */
@Plumbing
package ferrite.kernel.base;

