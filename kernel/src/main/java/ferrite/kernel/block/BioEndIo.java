package ferrite.kernel.block;

import ferrite.kernel.base.DriverApi;

/**
 * The function that is called when a bio has ended, in any context: it must not sleep. It frees the bio, or uses it
 * again.
 */
@DriverApi
@FunctionalInterface
public interface BioEndIo {

    /** @param bio address of the {@link BioLayout}, with its error in {@link BioLayout#STATUS} */
    void ended(long bio);
}
