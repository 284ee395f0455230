/**
 * What nearly every part of the kernel needs, as one record, and the rules of atomic context. It may use {@code base},
 * {@code log} and {@code check}.
 */
@Plumbing
package ferrite.kernel.core;

import ferrite.kernel.base.Plumbing;
