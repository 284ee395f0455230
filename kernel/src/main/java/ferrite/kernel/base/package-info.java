/**
 * The ground floor: error numbers, allocation flags, lists, spinlocks, text addresses, the means to declare records
 * ({@link ferrite.kernel.base.Struct}), and the records that every floor reads. It imports no other package of the
 * kernel.
 */
@Plumbing
package ferrite.kernel.base;

