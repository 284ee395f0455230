/**
 * One record with the services that nearly every class of the kernel needs, and the check of contexts that must not
 * sleep. It may use {@code base}, {@code log} and {@code check}.
 */
@Plumbing
package ferrite.kernel.core;

import ferrite.kernel.base.Plumbing;
