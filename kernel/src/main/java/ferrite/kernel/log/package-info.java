/**
 * The kernel log, interned strings, and call sites. It may use {@code base}.
 */
@Plumbing
package ferrite.kernel.log;

import ferrite.kernel.base.Plumbing;
