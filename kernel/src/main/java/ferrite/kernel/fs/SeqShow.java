package ferrite.kernel.fs;

import ferrite.kernel.base.DriverApi;

/** Makes the whole text of a file, for {@code single_open}. Task context; may sleep. */
@DriverApi
@FunctionalInterface
public interface SeqShow {

    /**
     * Makes the text with {@code seq_puts} and its kin. It is called again with a larger buffer if it does not fit.
     *
     * @param seq address of the {@link SeqFileLayout}; its private word is the data of {@code single_open}
     * @return 0, or a negative {@link ferrite.kernel.base.Errno}
     */
    int show(long seq);
}
