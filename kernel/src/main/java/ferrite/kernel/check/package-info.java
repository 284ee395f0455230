/**
 * The rules, the choice of those that are checked, and the reports of broken ones. It may use {@code base} and {@code
 * log}.
 */
@Plumbing
package ferrite.kernel.check;

import ferrite.kernel.base.Plumbing;
